-- What went between identity providers and us, for 30 days.
CREATE TABLE exchanges (
  organisation_id TEXT NOT NULL,
  id              TEXT NOT NULL,
  at              INTEGER NOT NULL,
  client_id       TEXT NOT NULL,
  key_id          TEXT NOT NULL,
  about           TEXT NOT NULL,
  subject_id      TEXT NOT NULL,
  name            TEXT NOT NULL,
  name_fold       TEXT NOT NULL,
  act             TEXT NOT NULL,
  method          TEXT NOT NULL,
  path            TEXT NOT NULL,
  status          INTEGER NOT NULL,
  outcome         TEXT NOT NULL,
  code            TEXT NOT NULL, -- the first of codes
  codes           TEXT NOT NULL, -- separated by spaces
  detail          TEXT NOT NULL,
  request         TEXT NOT NULL,
  response        TEXT NOT NULL,
  trace           TEXT NOT NULL,
  theirs          TEXT NOT NULL,
  count           INTEGER NOT NULL,
  quiet           INTEGER NOT NULL, -- a look-up that was answered: the log folds it
  PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX exchanges_quiet ON exchanges (organisation_id, quiet, id);
CREATE INDEX exchanges_code ON exchanges (organisation_id, code, id);
CREATE INDEX exchanges_subject ON exchanges (organisation_id, subject_id, id);

-- The state of each organisation's connection (traffic.State).
CREATE TABLE connections (
  organisation_id TEXT NOT NULL PRIMARY KEY,
  state           TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

ALTER TABLE organisations ADD COLUMN paused_at INTEGER;
ALTER TABLE organisations ADD COLUMN paused_by TEXT NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN pause_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE token_limits ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
