-- Mails that wait to be sent.
CREATE TABLE mails (
  organisation_id uuid             NOT NULL,
  id              text COLLATE "C" NOT NULL,
  recipient       text             NOT NULL,
  subject         text             NOT NULL,
  text            text             NOT NULL,
  html            text             NOT NULL,
  attachment      text, -- JSON: {"Name":…,"Type":…,"Content":…}
  tries           integer          NOT NULL,
  PRIMARY KEY (organisation_id, id)
);

-- When they are due: routing, and nothing else, for who sends those of all organisations.
CREATE TABLE mails_due (
  organisation_id uuid             NOT NULL,
  id              text COLLATE "C" NOT NULL,
  due_at          bigint           NOT NULL,
  PRIMARY KEY (organisation_id, id)
);

CREATE INDEX mails_due_at ON mails_due (due_at, organisation_id);

ALTER TABLE mails     ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE mails_due ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON mails USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY route  ON mails_due FOR SELECT USING (true);
CREATE POLICY enter  ON mails_due FOR INSERT WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY change ON mails_due FOR UPDATE USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
CREATE POLICY leave  ON mails_due FOR DELETE USING (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON mails, mails_due TO extraordinary_app;
