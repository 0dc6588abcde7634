-- What only one resource may have, by the schemas of an organisation's own (RFC 7643 §7, uniqueness). A path begins with
-- the URN of a schema, so that it is of users or of groups.
CREATE TABLE unique_values (
  organisation_id TEXT NOT NULL,
  path            TEXT NOT NULL, -- of the attribute
  value           TEXT NOT NULL, -- digest, which a key of an index has room for
  user_id         TEXT,
  group_id        TEXT,
  PRIMARY KEY (organisation_id, path, value),
  CHECK ((user_id IS NULL) <> (group_id IS NULL)),
  FOREIGN KEY (organisation_id, user_id) REFERENCES users ON DELETE CASCADE,
  FOREIGN KEY (organisation_id, group_id) REFERENCES groups ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX unique_values_user ON unique_values (organisation_id, user_id) WHERE user_id IS NOT NULL;
CREATE INDEX unique_values_group ON unique_values (organisation_id, group_id) WHERE group_id IS NOT NULL;
