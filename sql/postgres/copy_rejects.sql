COPY {schema}.reject (job, split, state, key, shown, kind, code, column_name, constraint_name,
                      message, at, tries, kept) FROM STDIN (FORMAT binary)
