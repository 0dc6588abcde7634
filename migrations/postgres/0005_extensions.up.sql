-- The schemas of an organisation's own (RFC 7643 §3.3).
CREATE TABLE extensions (
  organisation_id uuid             NOT NULL,
  ordinal         integer          NOT NULL, -- the order of their making
  urn_fold        text COLLATE "C" NOT NULL,
  resource_type   text COLLATE "C" NOT NULL,
  definition      text             NOT NULL, -- JSON, as RFC 7643 §7 writes it
  PRIMARY KEY (organisation_id, ordinal)
);

CREATE UNIQUE INDEX extensions_urn_fold ON extensions (organisation_id, urn_fold);

ALTER TABLE extensions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON extensions USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON extensions TO extraordinary_app;

-- How often they have changed.
ALTER TABLE organisations ADD COLUMN schemas integer NOT NULL DEFAULT 0;
