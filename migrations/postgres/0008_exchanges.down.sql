ALTER TABLE organisations DROP COLUMN pause_reason;
ALTER TABLE organisations DROP COLUMN paused_by;
ALTER TABLE organisations DROP COLUMN paused_at;
DROP TABLE connections;
DROP TABLE exchanges;
