-- Mails that wait to be sent.
CREATE TABLE mails (
  organisation_id TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  recipient       TEXT    NOT NULL,
  subject         TEXT    NOT NULL,
  text            TEXT    NOT NULL,
  html            TEXT    NOT NULL,
  attachment      TEXT, -- JSON: {"Name":…,"Type":…,"Content":…}
  tries           INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;

-- When they are due: routing, and nothing else, for who sends those of all organisations.
CREATE TABLE mails_due (
  organisation_id TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  due_at          INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX mails_due_at ON mails_due (due_at, organisation_id);
