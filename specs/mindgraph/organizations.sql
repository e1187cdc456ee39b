-- The organizations without which nobody can sign up. Their ids come from the sequence; run again, it changes nothing.
INSERT INTO organizations (code, name, invitation_code, is_active)
VALUES ('DEMO-001', 'Demo School for Testing', 'DEMO-A1B2C', true), ('SPRING_EDU', 'Springfield Elementary School', 'SPRN-9K2L1', true)
ON CONFLICT (code) DO NOTHING;
