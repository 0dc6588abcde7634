-- What members of the portal say of people's Employee IDs: an earlier one is still theirs, a problem is known.
CREATE TABLE judgements (
  organisation_id uuid             NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  about           text COLLATE "C" NOT NULL, -- 'id-earlier', or the problem
  employee_id     text COLLATE "C" NOT NULL, -- that it was said of
  reason          text             NOT NULL,
  made_by         text             NOT NULL,
  made_at         bigint           NOT NULL,
  until           bigint,                    -- NULL: as long as the person has the ID
  PRIMARY KEY (organisation_id, user_id, about, employee_id),
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE
);

ALTER TABLE judgements ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON judgements USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON judgements TO extraordinary_app;
