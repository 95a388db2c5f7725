-- Personal values, beside the commits that hold their digests. They alone may be deleted: a commit stays what was sealed.
CREATE TABLE disclosures (
    commit_no  INTEGER NOT NULL REFERENCES commits (number),
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    disclosure BLOB    NOT NULL,
    PRIMARY KEY (commit_no, digest)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER disclosures_are_not_changed BEFORE UPDATE ON disclosures
BEGIN SELECT RAISE(ABORT, 'a personal value is left or deleted, never changed'); END;
