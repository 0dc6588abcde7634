-- How many users and groups an organisation has, kept by triggers: to count 100,000 rows for each page would cost more
-- than the page. The counter of one organisation is many rows, whose sum counts, so that units which add users need not
-- wait for each other's commit: each connection has a row of its own, as good as always.
CREATE TABLE totals (
  organisation_id uuid    NOT NULL,
  resource        text    COLLATE "C" NOT NULL,
  shard           integer NOT NULL,
  total           bigint  NOT NULL,
  PRIMARY KEY (organisation_id, resource, shard)
);

-- Who migrates is held by row-level security like everybody, and here counts for all.
ALTER TABLE users  NO FORCE ROW LEVEL SECURITY;
ALTER TABLE groups NO FORCE ROW LEVEL SECURITY;
INSERT INTO totals SELECT organisation_id, 'users',  0, count(*) FROM users  GROUP BY organisation_id;
INSERT INTO totals SELECT organisation_id, 'groups', 0, count(*) FROM groups GROUP BY organisation_id;
ALTER TABLE users  FORCE ROW LEVEL SECURITY;
ALTER TABLE groups FORCE ROW LEVEL SECURITY;

ALTER TABLE totals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON totals USING (organisation_id = current_setting('app.organisation_id')::uuid) WITH CHECK (organisation_id = current_setting('app.organisation_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON totals TO extraordinary_app;

-- Once a statement, and not once a row: within one transaction each new version of a row makes the next one dearer.
CREATE FUNCTION count_arrivals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals SELECT organisation_id, TG_TABLE_NAME, pg_backend_pid() % 32, count(*) FROM changed GROUP BY organisation_id
  ON CONFLICT (organisation_id, resource, shard) DO UPDATE SET total = totals.total + excluded.total;
  RETURN NULL;
END
$$;

CREATE FUNCTION count_departures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO totals SELECT organisation_id, TG_TABLE_NAME, pg_backend_pid() % 32, -count(*) FROM changed GROUP BY organisation_id
  ON CONFLICT (organisation_id, resource, shard) DO UPDATE SET total = totals.total + excluded.total;
  RETURN NULL;
END
$$;

CREATE TRIGGER arrive AFTER INSERT ON users  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_arrivals();
CREATE TRIGGER leave  AFTER DELETE ON users  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_departures();
CREATE TRIGGER arrive AFTER INSERT ON groups REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_arrivals();
CREATE TRIGGER leave  AFTER DELETE ON groups REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_departures();
