-- Which request queued a mail: the ids of its span, in hex; empty where there was none.
ALTER TABLE mails ADD COLUMN trace_id text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE mails ADD COLUMN span_id  text COLLATE "C" NOT NULL DEFAULT '';
