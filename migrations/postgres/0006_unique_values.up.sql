-- What only one resource may have, by the schemas of an organisation's own (RFC 7643 §7, uniqueness). A path begins with
-- the URN of a schema, so that it is of users or of groups.
CREATE TABLE unique_values (
  organisation_id uuid             NOT NULL,
  path            text COLLATE "C" NOT NULL, -- of the attribute
  value           text COLLATE "C" NOT NULL, -- digest, which a key of an index has room for
  user_id         text COLLATE "C",
  group_id        text COLLATE "C",
  PRIMARY KEY (organisation_id, path, value),
  CHECK ((user_id IS NULL) <> (group_id IS NULL)),
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE,
  FOREIGN KEY (organisation_id, group_id) REFERENCES groups ON DELETE CASCADE
);

CREATE INDEX unique_values_user ON unique_values (organisation_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX unique_values_group ON unique_values (organisation_id, group_id) WHERE group_id IS NOT NULL;

ALTER TABLE unique_values ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON unique_values USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON unique_values TO extraordinary_app;
