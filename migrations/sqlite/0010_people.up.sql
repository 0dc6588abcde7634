-- What the portal lists people by. No rows of users are read for it that are not shown.
ALTER TABLE users ADD COLUMN name_fold TEXT NOT NULL DEFAULT ''; -- directory.Name
ALTER TABLE users ADD COLUMN nickname_fold TEXT;                 -- mailNickname of any schema
ALTER TABLE users ADD COLUMN off_since INTEGER;                  -- NULL: active

UPDATE users SET
  name_fold = coalesce(nullif(display_name_fold, ''),
    nullif(trim(coalesce(json_extract(search, '$.name.givenname'), '') || ' ' || coalesce(json_extract(search, '$.name.familyname'), '')), ''), user_name_fold),
  nickname_fold = (SELECT t.atom FROM json_tree(users.search) AS t WHERE t.key = 'mailnickname' AND t.type = 'text' LIMIT 1),
  off_since = CASE json_type(search, '$.active') WHEN 'false' THEN modified_at END;

CREATE INDEX users_name_fold ON users (organisation_id, name_fold, id);
CREATE INDEX users_off_since ON users (organisation_id, off_since, id) WHERE off_since IS NOT NULL;

-- What people did, among all that their identity providers do.
CREATE INDEX activity_people ON activity (organisation_id, id) WHERE actor_kind <> 'client';

-- Since when nobody has had a problem with an Employee ID, or somebody has.
CREATE TABLE id_health (
  organisation_id TEXT    NOT NULL,
  problem         TEXT    NOT NULL,
  found           INTEGER NOT NULL, -- how many had it
  since           INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, problem)
) STRICT, WITHOUT ROWID;

-- Files that are made for somebody to download, for a day.
CREATE TABLE exports (
  organisation_id TEXT    NOT NULL,
  id              TEXT    NOT NULL,
  kind            TEXT    NOT NULL,
  filter          TEXT    NOT NULL, -- a query string
  state           TEXT    NOT NULL,
  done            INTEGER NOT NULL, -- rows
  total           INTEGER NOT NULL,
  made_by         TEXT    NOT NULL,
  made_at         INTEGER NOT NULL,
  touched_at      INTEGER NOT NULL,
  PRIMARY KEY (organisation_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE export_parts (
  organisation_id TEXT    NOT NULL,
  export_id       TEXT    NOT NULL,
  ordinal         INTEGER NOT NULL,
  text            TEXT    NOT NULL,
  PRIMARY KEY (organisation_id, export_id, ordinal)
) STRICT;
