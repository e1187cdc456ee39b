-- The parameters of procedures and functions, in their order; what a function returns is none.
SELECT specific_name, routine_type, parameter_mode, parameter_name, dtd_identifier
FROM information_schema.parameters
WHERE specific_schema = database() AND ordinal_position > 0
ORDER BY specific_name, routine_type, ordinal_position
