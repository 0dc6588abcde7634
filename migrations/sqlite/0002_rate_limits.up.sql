-- Requests a second that an organisation may make; 0: what the service is set to, -1: no limit.
ALTER TABLE organisations ADD COLUMN rate_limit INTEGER NOT NULL DEFAULT 0;

-- What is known of an organisation where its tokens are checked. Each of these tables says what Redis would.
CREATE TABLE token_limits (
  organisation_id TEXT    NOT NULL PRIMARY KEY,
  rate_limit      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The clients that get no token any more.
CREATE TABLE token_ends (
  organisation_id TEXT NOT NULL,
  client_id       TEXT NOT NULL,
  PRIMARY KEY (organisation_id, client_id)
) STRICT, WITHOUT ROWID;
