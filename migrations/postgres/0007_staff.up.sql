-- Who may sign in to the portal. They have nothing to do with users, whom SCIM provisions.
CREATE TABLE staff (
  organisation_id uuid             NOT NULL,
  id              text COLLATE "C" NOT NULL,
  email           text             NOT NULL,
  name            text             NOT NULL,
  roles           text             NOT NULL, -- separated by spaces
  password        text             NOT NULL, -- argon2id in PHC's form; empty: none
  second_step     text             NOT NULL, -- sealed; empty: none
  second_last     bigint           NOT NULL,
  recovery        text             NOT NULL, -- digests, separated by spaces
  invited_at      bigint           NOT NULL,
  joined_at       bigint,
  seen_at         bigint,
  removed_at      bigint,
  PRIMARY KEY (organisation_id, id)
);

-- Routing, and nothing else: where an address may sign in.
CREATE TABLE sign_ins (
  organisation_id uuid             NOT NULL,
  email_fold      text COLLATE "C" NOT NULL,
  staff_id        text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, staff_id)
);

CREATE UNIQUE INDEX sign_ins_email_fold ON sign_ins (organisation_id, email_fold);
CREATE INDEX sign_ins_route ON sign_ins (email_fold, organisation_id);

CREATE TABLE sessions (
  organisation_id uuid             NOT NULL,
  digest          text COLLATE "C" NOT NULL,
  staff_id        text COLLATE "C" NOT NULL,
  half            boolean          NOT NULL,
  started_at      bigint           NOT NULL,
  seen_at         bigint           NOT NULL,
  confirmed_at    bigint,
  browser         text             NOT NULL,
  address         text             NOT NULL,
  setup           text             NOT NULL,
  PRIMARY KEY (organisation_id, digest)
);

CREATE INDEX sessions_staff ON sessions (organisation_id, staff_id);

CREATE TABLE links (
  organisation_id uuid             NOT NULL,
  digest          text COLLATE "C" NOT NULL,
  staff_id        text COLLATE "C" NOT NULL,
  purpose         text             NOT NULL,
  expires_at      bigint           NOT NULL,
  used_at         bigint,
  PRIMARY KEY (organisation_id, digest)
);

CREATE INDEX links_staff ON links (organisation_id, staff_id);

ALTER TABLE staff    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sign_ins ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE links    ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON staff    USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON sessions USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON links    USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY route  ON sign_ins FOR SELECT USING (true);
CREATE POLICY enter  ON sign_ins FOR INSERT WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY change ON sign_ins FOR UPDATE USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY leave  ON sign_ins FOR DELETE USING (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff, sign_ins, sessions, links TO extraordinary_app;

ALTER TABLE organisations ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
ALTER TABLE organisations ADD COLUMN second_step boolean NOT NULL DEFAULT false; -- everybody must have one
