-- The log. A row is a commit; its body is the truth and is never rewritten.
CREATE TABLE commits (
    number      INTEGER PRIMARY KEY,      -- order of the log, from 1 without gaps
    stream      TEXT    NOT NULL,
    version     INTEGER NOT NULL,         -- of the stream, after this commit
    recorded_at INTEGER NOT NULL,         -- microseconds since 1970, never less than the commit before
    body        BLOB    NOT NULL
) STRICT;

CREATE UNIQUE INDEX commits_by_stream ON commits (stream, version);
CREATE INDEX commits_by_time ON commits (recorded_at);

CREATE TRIGGER commits_are_not_changed BEFORE UPDATE ON commits
BEGIN SELECT RAISE(ABORT, 'a commit is never changed'); END;
CREATE TRIGGER commits_are_not_deleted BEFORE DELETE ON commits
BEGIN SELECT RAISE(ABORT, 'a commit is never deleted'); END;

-- What events are found by: one row each, made from the bodies.
-- Every index ends in the position, so that a page is a walk along one index and is never sorted.
CREATE TABLE events (
    position    INTEGER PRIMARY KEY,      -- 256 * commit + place in the commit
    commit_no   INTEGER NOT NULL REFERENCES commits (number),
    id          BLOB    NOT NULL,
    kind        TEXT    NOT NULL,
    cluster     TEXT,
    uid         TEXT,
    actor       TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    revocation  BLOB,
    correlation BLOB    NOT NULL,
    CHECK (position >> 8 = commit_no)
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (id);
CREATE INDEX events_by_kind ON events (kind);
CREATE INDEX events_by_cluster ON events (cluster) WHERE cluster IS NOT NULL;
CREATE INDEX events_by_uid ON events (uid) WHERE uid IS NOT NULL;
CREATE INDEX events_by_pair ON events (cluster, uid) WHERE cluster IS NOT NULL AND uid IS NOT NULL;
CREATE INDEX events_by_actor ON events (actor);
CREATE INDEX events_by_type ON events (type);
CREATE INDEX events_by_revocation ON events (revocation) WHERE revocation IS NOT NULL;
CREATE INDEX events_by_correlation ON events (correlation);

-- One row: which store this is. Cursors are tied to it.
CREATE TABLE store (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id   BLOB    NOT NULL CHECK (length(id) = 16)
) STRICT;
INSERT INTO store (only, id) VALUES (1, randomblob(16));
