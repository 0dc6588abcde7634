-- What the portal lists people by. No rows of users are read for it that are not shown.
ALTER TABLE users ADD COLUMN name_fold text COLLATE "C" NOT NULL DEFAULT ''; -- directory.Name
ALTER TABLE users ADD COLUMN nickname_fold text COLLATE "C";                 -- mailNickname of any schema
ALTER TABLE users ADD COLUMN off_since bigint;                               -- NULL: active

-- The owner fills the rows of all organisations.
ALTER TABLE users NO FORCE ROW LEVEL SECURITY;
UPDATE users SET
  name_fold = coalesce(nullif(display_name_fold, ''),
    nullif(trim(coalesce(search #>> '{name,givenname}', '') || ' ' || coalesce(search #>> '{name,familyname}', '')), ''), user_name_fold),
  nickname_fold = jsonb_path_query_first(search, '$.**.mailnickname') #>> '{}',
  off_since = CASE search -> 'active' WHEN 'false' THEN modified_at END;
ALTER TABLE users FORCE ROW LEVEL SECURITY;

CREATE INDEX users_name_fold ON users (organisation_id, name_fold, id);
CREATE INDEX users_off_since ON users (organisation_id, off_since, id) WHERE off_since IS NOT NULL;

-- What people did, among all that their identity providers do.
CREATE INDEX activity_people ON activity (organisation_id, id) WHERE actor_kind <> 'client';

-- Since when nobody has had a problem with an Employee ID, or somebody has.
CREATE TABLE id_health (
  organisation_id uuid             NOT NULL,
  problem         text COLLATE "C" NOT NULL,
  found           integer          NOT NULL, -- how many had it
  since           bigint           NOT NULL,
  PRIMARY KEY (organisation_id, problem)
);

-- Files that are made for somebody to download, for a day.
CREATE TABLE exports (
  organisation_id uuid             NOT NULL,
  id              text COLLATE "C" NOT NULL,
  kind            text             NOT NULL,
  filter          text             NOT NULL, -- a query string
  state           text             NOT NULL,
  done            integer          NOT NULL, -- rows
  total           integer          NOT NULL,
  made_by         text             NOT NULL,
  made_at         bigint           NOT NULL,
  touched_at      bigint           NOT NULL,
  PRIMARY KEY (organisation_id, id)
);

CREATE TABLE export_parts (
  organisation_id uuid             NOT NULL,
  export_id       text COLLATE "C" NOT NULL,
  ordinal         integer          NOT NULL,
  text            text             NOT NULL,
  PRIMARY KEY (organisation_id, export_id, ordinal)
);

ALTER TABLE id_health    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE exports      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE export_parts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON id_health    USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON exports      USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON export_parts USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON id_health, exports, export_parts TO extraordinary_app;
