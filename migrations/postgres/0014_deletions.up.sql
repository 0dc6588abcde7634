-- Who was deleted, among all that happened.
CREATE INDEX activity_deleted ON activity (organisation_id, subject_kind, id) WHERE action = 'deleted';
