-- What went between identity providers and us, for 30 days.
CREATE TABLE exchanges (
  organisation_id uuid NOT NULL,
  id              text COLLATE "C" NOT NULL,
  at              bigint NOT NULL,
  client_id       text COLLATE "C" NOT NULL,
  key_id          text COLLATE "C" NOT NULL,
  about           text NOT NULL,
  subject_id      text COLLATE "C" NOT NULL,
  name            text NOT NULL,
  name_fold       text COLLATE "C" NOT NULL,
  act             text NOT NULL,
  method          text NOT NULL,
  path            text NOT NULL,
  status          bigint NOT NULL,
  outcome         text COLLATE "C" NOT NULL,
  code            text COLLATE "C" NOT NULL, -- the first of codes
  codes           text NOT NULL, -- separated by spaces
  detail          text NOT NULL,
  request         text NOT NULL,
  response        text NOT NULL,
  trace           text NOT NULL,
  theirs          text NOT NULL,
  count           bigint NOT NULL,
  quiet           boolean NOT NULL, -- a look-up that was answered: the log folds it
  PRIMARY KEY (organisation_id, id)
);

CREATE INDEX exchanges_quiet ON exchanges (organisation_id, quiet, id);
CREATE INDEX exchanges_code ON exchanges (organisation_id, code, id);
CREATE INDEX exchanges_subject ON exchanges (organisation_id, subject_id, id);

-- The state of each organisation's connection (traffic.State).
CREATE TABLE connections (
  organisation_id uuid NOT NULL PRIMARY KEY,
  state           text NOT NULL -- JSON
);

ALTER TABLE organisations ADD COLUMN paused_at bigint;
ALTER TABLE organisations ADD COLUMN paused_by text NOT NULL DEFAULT '';
ALTER TABLE organisations ADD COLUMN pause_reason text NOT NULL DEFAULT '';

ALTER TABLE exchanges   ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE connections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON exchanges   USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY own ON connections USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON exchanges, connections TO extraordinary_app;
