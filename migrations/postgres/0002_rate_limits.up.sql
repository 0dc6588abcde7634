-- Requests a second that an organisation may make; 0: what the service is set to, -1: no limit.
ALTER TABLE organisations ADD COLUMN rate_limit integer NOT NULL DEFAULT 0;
