WITH RECURSIVE tree AS (
  SELECT c.oid, c.relkind, c.reltype FROM pg_catalog.pg_class c
  WHERE c.oid = pg_catalog.to_regclass($1)
  UNION ALL
  SELECT c.oid, c.relkind, c.reltype
  FROM tree t
  JOIN pg_catalog.pg_inherits i ON t.relkind = 'p' AND i.inhparent = t.oid
  JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
), needs AS (
  -- What DROP would have to take along, less what is part of the table itself.
  SELECT CASE WHEN r.oid IS NULL THEN pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
         ELSE pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass,
                                            r.ev_class, 0) END AS what
  FROM pg_catalog.pg_depend d
  LEFT JOIN pg_catalog.pg_rewrite r
    ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid
  LEFT JOIN pg_catalog.pg_constraint f
    ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND f.oid = d.objid
  LEFT JOIN pg_catalog.pg_policy p
    ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = d.objid
  LEFT JOIN pg_catalog.pg_trigger g
    ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND g.oid = d.objid
  LEFT JOIN pg_catalog.pg_attrdef v
    ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND v.oid = d.objid
  LEFT JOIN pg_catalog.pg_class o
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.oid = d.objid
  WHERE d.deptype = 'n'
    AND (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
         AND d.refobjid IN (SELECT oid FROM tree)
         OR d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
         AND d.refobjid IN (SELECT y.oid FROM tree t JOIN pg_catalog.pg_type y
                            ON t.reltype <> 0 AND t.reltype IN (y.oid, y.typelem)))
    AND coalesce(r.ev_class, f.conrelid, p.polrelid, g.tgrelid, v.adrelid, o.oid, 0)
        NOT IN (SELECT oid FROM tree)
)
SELECT current_user AS role,
       pg_catalog.has_table_privilege(c.oid, 'TRUNCATE') AS may_truncate,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') OR pg_catalog.pg_has_role(n.nspowner, 'USAGE')
         AS may_drop,
       pg_catalog.has_schema_privilege(n.oid, 'CREATE') AS may_create,
       (SELECT pg_catalog.min(i.inhparent::pg_catalog.regclass::text) FROM pg_catalog.pg_inherits i
        WHERE c.relispartition AND i.inhrelid = c.oid) AS partition_of,
       (SELECT pg_catalog.min(f.conrelid::pg_catalog.regclass::text)
        FROM pg_catalog.pg_constraint f
        WHERE f.contype = 'f' AND f.confrelid IN (SELECT oid FROM tree)
          AND f.conrelid NOT IN (SELECT oid FROM tree))
         AS referenced_by,
       (SELECT pg_catalog.min(what) FROM needs) AS needed_by
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = pg_catalog.to_regclass($1)
