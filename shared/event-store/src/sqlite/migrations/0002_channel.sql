-- Events are found by the channel of their actor, too. What is stored already says it in its body; of a body that cannot be
-- read nothing is known, and a check of the store names it.
ALTER TABLE events ADD COLUMN channel TEXT NOT NULL DEFAULT '';

UPDATE events SET channel = coalesce(
    (SELECT CASE WHEN json_valid(CAST(body AS TEXT))
                 THEN json_extract(CAST(body AS TEXT), '$.events[' || (position & 255) || '].actor.channel') END
     FROM commits WHERE number = commit_no),
    '');

CREATE INDEX events_by_channel ON events (channel);
