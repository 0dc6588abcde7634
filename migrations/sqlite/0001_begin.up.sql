-- Times are microseconds since 1970 in UTC. Columns that end in _fold hold schema.Fold of what a client sent, so that
-- no database ever folds by rules of its own. The organisation comes first in every key.

-- Routing, and nothing else: what must be found before the organisation is known.
CREATE TABLE registry (
  organisation_id TEXT    NOT NULL PRIMARY KEY,
  slug            TEXT    NOT NULL UNIQUE,
  status          TEXT    NOT NULL,
  created_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organisations (
  organisation_id    TEXT    NOT NULL PRIMARY KEY,
  name               TEXT    NOT NULL,
  owner              TEXT    NOT NULL, -- e-mail address of who runs it in the portal
  token_life_seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE credentials (
  organisation_id TEXT    NOT NULL,
  client_id       TEXT    NOT NULL,
  ordinal         INTEGER NOT NULL, -- the order of their making
  name            TEXT    NOT NULL,
  scopes          TEXT    NOT NULL, -- separated by spaces (RFC 6749 §3.3)
  created_at      INTEGER NOT NULL,
  revoked_at      INTEGER,
  PRIMARY KEY (organisation_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX credentials_name ON credentials (organisation_id, name) WHERE revoked_at IS NULL;

CREATE TABLE secrets (
  organisation_id TEXT    NOT NULL,
  client_id       TEXT    NOT NULL,
  key_id          TEXT    NOT NULL,
  ordinal         INTEGER NOT NULL,
  hash            TEXT    NOT NULL,
  created_at      INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL,
  last_used_at    INTEGER,
  PRIMARY KEY (organisation_id, client_id, key_id),
  FOREIGN KEY (organisation_id, client_id) REFERENCES credentials ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  organisation_id   TEXT    NOT NULL,
  id                TEXT    NOT NULL,
  user_name_fold    TEXT    NOT NULL,
  external_id       TEXT,
  display_name      TEXT,
  display_name_fold TEXT,
  document          TEXT    NOT NULL, -- JSON: the attributes as they are shown
  search            TEXT    NOT NULL, -- JSON: the attributes as filters see them (schema.ResourceType.Search)
  version           INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  modified_at       INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, id)
) STRICT;

CREATE UNIQUE INDEX users_user_name_fold ON users (organisation_id, user_name_fold);
CREATE INDEX users_external_id ON users (organisation_id, external_id, id);
CREATE INDEX users_display_name_fold ON users (organisation_id, display_name_fold, id);

CREATE TABLE user_emails (
  organisation_id TEXT NOT NULL,
  value_fold      TEXT NOT NULL,
  user_id         TEXT NOT NULL,
  PRIMARY KEY (organisation_id, value_fold, user_id),
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX user_emails_user ON user_emails (organisation_id, user_id);

CREATE TABLE groups (
  organisation_id   TEXT    NOT NULL,
  id                TEXT    NOT NULL,
  external_id       TEXT,
  display_name      TEXT    NOT NULL,
  display_name_fold TEXT    NOT NULL,
  document          TEXT    NOT NULL,
  search            TEXT    NOT NULL,
  version           INTEGER NOT NULL,
  created_at        INTEGER NOT NULL,
  modified_at       INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, id)
) STRICT;

CREATE UNIQUE INDEX groups_display_name_fold ON groups (organisation_id, display_name_fold);
CREATE INDEX groups_external_id ON groups (organisation_id, external_id, id);

CREATE TABLE memberships (
  organisation_id TEXT NOT NULL,
  group_id        TEXT NOT NULL,
  user_id         TEXT NOT NULL,
  PRIMARY KEY (organisation_id, group_id, user_id),
  FOREIGN KEY (organisation_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_user ON memberships (organisation_id, user_id, group_id);

CREATE TABLE activity (
  organisation_id TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  at              INTEGER NOT NULL,
  actor_kind      TEXT    NOT NULL,
  actor_id        TEXT    NOT NULL,
  action          TEXT    NOT NULL,
  subject_kind    TEXT    NOT NULL,
  subject_id      TEXT    NOT NULL,
  changes         TEXT    NOT NULL, -- JSON: [{"path":…,"from":…,"to":…}]
  trace           TEXT    NOT NULL,
  PRIMARY KEY (organisation_id, id)
) STRICT;

CREATE INDEX activity_subject ON activity (organisation_id, subject_kind, subject_id, id);

CREATE TABLE tokens (
  digest          TEXT    NOT NULL PRIMARY KEY, -- SHA-256 of the token, 64 hex digits
  organisation_id TEXT    NOT NULL,
  client_id       TEXT    NOT NULL,
  key_id          TEXT    NOT NULL,
  scopes          TEXT    NOT NULL,
  issued_at       INTEGER NOT NULL,
  expires_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_client ON tokens (organisation_id, client_id);
CREATE INDEX tokens_expiry ON tokens (organisation_id, expires_at);

CREATE TABLE token_blocks (
  organisation_id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- How many users and groups an organisation has, kept by triggers so that no statement can forget it: to count
-- 100,000 index entries for each page would cost more than the page. "shifts" counts what moves others to another
-- place in the order of ids, a removal or an arrival that is not the last: while it stands still, so do the places.
CREATE TABLE totals (
  organisation_id TEXT    NOT NULL,
  resource        TEXT    NOT NULL,
  total           INTEGER NOT NULL,
  shifts          INTEGER NOT NULL,
  last_id         TEXT    NOT NULL,
  PRIMARY KEY (organisation_id, resource)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER users_arrive AFTER INSERT ON users BEGIN
  INSERT INTO totals VALUES (new.organisation_id, 'users', 1, 0, new.id)
  ON CONFLICT DO UPDATE SET total = total + 1, shifts = shifts + (last_id > new.id), last_id = max(last_id, new.id);
END;

CREATE TRIGGER users_leave AFTER DELETE ON users BEGIN
  UPDATE totals SET total = total - 1, shifts = shifts + 1 WHERE organisation_id = old.organisation_id AND resource = 'users';
END;

CREATE TRIGGER groups_arrive AFTER INSERT ON groups BEGIN
  INSERT INTO totals VALUES (new.organisation_id, 'groups', 1, 0, new.id)
  ON CONFLICT DO UPDATE SET total = total + 1, shifts = shifts + (last_id > new.id), last_id = max(last_id, new.id);
END;

CREATE TRIGGER groups_leave AFTER DELETE ON groups BEGIN
  UPDATE totals SET total = total - 1, shifts = shifts + 1 WHERE organisation_id = old.organisation_id AND resource = 'groups';
END;
