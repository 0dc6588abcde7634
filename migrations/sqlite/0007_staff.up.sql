-- Who may sign in to the portal. They have nothing to do with users, whom SCIM provisions.
CREATE TABLE staff (
  organisation_id TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  email           TEXT    NOT NULL,
  name            TEXT    NOT NULL,
  roles           TEXT    NOT NULL, -- separated by spaces
  password        TEXT    NOT NULL, -- argon2id in PHC's form; empty: none
  second_step     TEXT    NOT NULL, -- sealed; empty: none
  second_last     INTEGER NOT NULL,
  recovery        TEXT    NOT NULL, -- digests, separated by spaces
  invited_at      INTEGER NOT NULL,
  joined_at       INTEGER,
  seen_at         INTEGER,
  removed_at      INTEGER,
  PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;

-- Routing, and nothing else: where an address may sign in.
CREATE TABLE sign_ins (
  organisation_id TEXT NOT NULL,
  email_fold      TEXT NOT NULL,
  staff_id        TEXT NOT NULL,
  PRIMARY KEY (organisation_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX sign_ins_email_fold ON sign_ins (organisation_id, email_fold);
CREATE INDEX sign_ins_route ON sign_ins (email_fold, organisation_id);

CREATE TABLE sessions (
  organisation_id TEXT    NOT NULL,
  digest          TEXT    NOT NULL,
  staff_id        TEXT    NOT NULL,
  half            INTEGER NOT NULL,
  started_at      INTEGER NOT NULL,
  seen_at         INTEGER NOT NULL,
  confirmed_at    INTEGER,
  browser         TEXT    NOT NULL,
  address         TEXT    NOT NULL,
  setup           TEXT    NOT NULL,
  PRIMARY KEY (organisation_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_staff ON sessions (organisation_id, staff_id);

CREATE TABLE links (
  organisation_id TEXT    NOT NULL,
  digest          TEXT    NOT NULL,
  staff_id        TEXT    NOT NULL,
  purpose         TEXT    NOT NULL,
  expires_at      INTEGER NOT NULL,
  used_at         INTEGER,
  PRIMARY KEY (organisation_id, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_staff ON links (organisation_id, staff_id);

ALTER TABLE organisations ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE organisations ADD COLUMN second_step INTEGER NOT NULL DEFAULT 0; -- everybody must have one
