DROP TABLE depot_audit;
DROP FUNCTION depot_audit_stays();
