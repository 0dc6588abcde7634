-- Times are microseconds since 1970 in UTC. Columns that end in _fold hold schema.Fold of what a client sent, so that
-- no database ever folds by rules of its own; COLLATE "C" keeps it from comparing by them. The organisation comes first
-- in every key.

-- Who serves logs in as a member of this role and owns nothing. Roles are of the whole cluster: another database may
-- have made it, even at this moment.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'extraordinary_app') THEN
    CREATE ROLE extraordinary_app NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- Routing, and nothing else: what must be found before the organisation is known. Tokens are in Redis.
CREATE TABLE registry (
  organisation_id uuid             NOT NULL,
  slug            text COLLATE "C" NOT NULL,
  status          text             NOT NULL,
  created_at      bigint           NOT NULL,
  PRIMARY KEY (organisation_id)
);

CREATE UNIQUE INDEX registry_slug ON registry (slug);

CREATE TABLE organisations (
  organisation_id    uuid   NOT NULL,
  name               text   NOT NULL,
  owner              text   NOT NULL, -- e-mail address of who runs it in the portal
  token_life_seconds bigint NOT NULL,
  PRIMARY KEY (organisation_id)
);

CREATE TABLE credentials (
  organisation_id uuid             NOT NULL,
  client_id       text COLLATE "C" NOT NULL,
  ordinal         integer          NOT NULL, -- the order of their making
  name            text COLLATE "C" NOT NULL,
  scopes          text             NOT NULL, -- separated by spaces (RFC 6749 §3.3)
  created_at      bigint           NOT NULL,
  revoked_at      bigint,
  PRIMARY KEY (organisation_id, client_id)
);

CREATE UNIQUE INDEX credentials_name ON credentials (organisation_id, name) WHERE revoked_at IS NULL;

CREATE TABLE secrets (
  organisation_id uuid             NOT NULL,
  client_id       text COLLATE "C" NOT NULL,
  key_id          text COLLATE "C" NOT NULL,
  ordinal         integer          NOT NULL,
  hash            text             NOT NULL,
  created_at      bigint           NOT NULL,
  expires_at      bigint           NOT NULL,
  last_used_at    bigint,
  PRIMARY KEY (organisation_id, client_id, key_id),
  FOREIGN KEY (organisation_id, client_id) REFERENCES credentials ON DELETE CASCADE
);

CREATE TABLE users (
  organisation_id   uuid             NOT NULL,
  id                text COLLATE "C" NOT NULL,
  user_name_fold    text COLLATE "C" NOT NULL,
  external_id       text COLLATE "C",
  display_name      text,
  display_name_fold text COLLATE "C",
  document          text             NOT NULL, -- JSON: the attributes as they are shown, in their order
  search            jsonb            NOT NULL, -- the attributes as filters see them (schema.ResourceType.Search)
  version           bigint           NOT NULL,
  created_at        bigint           NOT NULL,
  modified_at       bigint           NOT NULL,
  PRIMARY KEY (organisation_id, id)
);

CREATE UNIQUE INDEX users_user_name_fold ON users (organisation_id, user_name_fold);
CREATE INDEX users_external_id ON users (organisation_id, external_id, id);
CREATE INDEX users_display_name_fold ON users (organisation_id, display_name_fold, id);

CREATE TABLE user_emails (
  organisation_id uuid             NOT NULL,
  value_fold      text COLLATE "C" NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, value_fold, user_id),
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE
);

CREATE INDEX user_emails_user ON user_emails (organisation_id, user_id);

CREATE TABLE groups (
  organisation_id   uuid             NOT NULL,
  id                text COLLATE "C" NOT NULL,
  external_id       text COLLATE "C",
  display_name      text             NOT NULL,
  display_name_fold text COLLATE "C" NOT NULL,
  document          text             NOT NULL,
  search            jsonb            NOT NULL,
  version           bigint           NOT NULL,
  created_at        bigint           NOT NULL,
  modified_at       bigint           NOT NULL,
  PRIMARY KEY (organisation_id, id)
);

CREATE UNIQUE INDEX groups_display_name_fold ON groups (organisation_id, display_name_fold);
CREATE INDEX groups_external_id ON groups (organisation_id, external_id, id);

CREATE TABLE memberships (
  organisation_id uuid             NOT NULL,
  group_id        text COLLATE "C" NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, group_id, user_id),
  FOREIGN KEY (organisation_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE
);

CREATE INDEX memberships_user ON memberships (organisation_id, user_id, group_id);

CREATE TABLE activity (
  organisation_id uuid             NOT NULL,
  id              text COLLATE "C" NOT NULL,
  at              bigint           NOT NULL,
  actor_kind      text             NOT NULL,
  actor_id        text             NOT NULL,
  action          text             NOT NULL,
  subject_kind    text COLLATE "C" NOT NULL,
  subject_id      text COLLATE "C" NOT NULL,
  changes         text             NOT NULL, -- JSON: [{"path":…,"from":…,"to":…}]
  trace           text             NOT NULL,
  PRIMARY KEY (organisation_id, id)
);

CREATE INDEX activity_subject ON activity (organisation_id, subject_kind, subject_id, id);

-- Row-level security, for the owner too. Where no organisation was set, the setting is unknown or empty: then the cast
-- fails, so that a forgotten one is loud and not an empty answer.
ALTER TABLE registry      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE organisations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE credentials   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE secrets       ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE users         ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE user_emails   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE groups        ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE memberships   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE activity      ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own ON organisations USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON credentials   USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON secrets       USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON users         USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON user_emails   USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON groups        USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON memberships   USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON activity      USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);

-- The registry is read before an organisation is known, and written only from within one.
CREATE POLICY route  ON registry FOR SELECT USING (true);
CREATE POLICY enter  ON registry FOR INSERT WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY change ON registry FOR UPDATE USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY leave  ON registry FOR DELETE USING (organisation_id = current_setting('app.organisation_id')::uuid);

-- No TRUNCATE, which row-level security does not see. The journal is added to and, when an organisation is erased, goes
-- with it; no line of it changes.
GRANT SELECT, INSERT, UPDATE, DELETE ON organisations, credentials, secrets, users, user_emails, groups, memberships TO extraordinary_app;
GRANT SELECT, INSERT, DELETE ON activity TO extraordinary_app;
GRANT SELECT, INSERT, DELETE, UPDATE (status) ON registry TO extraordinary_app;
GRANT SELECT ON schema_migrations TO extraordinary_app;
