-- Groups that are members of groups.
CREATE TABLE nestings (
  organisation_id uuid             NOT NULL,
  group_id        text COLLATE "C" NOT NULL,
  member_id       text COLLATE "C" NOT NULL,
  PRIMARY KEY (organisation_id, group_id, member_id),
  FOREIGN KEY (organisation_id, group_id) REFERENCES groups ON DELETE CASCADE,
  FOREIGN KEY (organisation_id, member_id) REFERENCES groups ON DELETE CASCADE
);

CREATE INDEX nestings_member ON nestings (organisation_id, member_id, group_id);

ALTER TABLE nestings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own ON nestings USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON nestings TO extraordinary_app;
