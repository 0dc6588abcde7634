DROP INDEX activity_deleted;
