"""What Spark must be set to, so that it computes what DuckDB computes. A build checks it before it reads a row (macro check_settings)."""

import glob

REQUIRED = {
    # true rounds products and sums of decimals to fewer decimals, in silence: list cost would have six.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    # false turns an overflow into NULL, in silence, and writes 0.0000001 as 1E-7. (dbt-spark sets it to false from 1.10.1 on: 1.10.0 is locked.)
    "spark.sql.ansi.enabled": "true",
    # Instants are UTC without a zone; texts with an offset are read through the session's zone.
    "spark.sql.session.timeZone": "UTC",
    # true tells UsageDate from usagedate.
    "spark.sql.caseSensitive": "false",
    # true reads backslashes in text literals as they stand; the generated ones are escaped.
    "spark.sql.parser.escapedStringLiterals": "false",
    # false refuses a JSON document that names a key twice, which DuckDB reads.
    "spark.sql.variant.allowDuplicateKeys": "true",
}
# What the check computes: (SQL, result as text). A setting may be right and not apply, as on a cluster that ignores it.
PROBES = (
    ("cast(cast('0.123456789012345678' as decimal(38, 18)) * cast('0.3' as decimal(20, 16)) as string)", "0.0370370367037037034000000000000000"),
    ("cast(cast('0.000000000000000001' as decimal(38, 18)) as string)", "0.000000000000000001"),
    ("cast(cast('2026-07-14T10:00:00+02:00' as timestamp) as string)", "2026-07-14 08:00:00"),
    ("case when 'a\\\\b' = concat('a', chr(92), 'b') then 'escaped' end", "escaped"),
)
# Of a session on one machine, beside those. Tables are Parquet files.
LOCAL = {
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.sql.sources.default": "parquet",
    "spark.sql.catalogImplementation": "hive", "spark.eventLog.compress": "false",
}  # fmt: skip
# What differs for a few thousand rows, where compiling a query to code costs more than interpreting it, and for millions: (small, large).
BY_SIZE = {
    "spark.sql.shuffle.partitions": ("2", "16"), "spark.default.parallelism": ("2", "16"), "spark.sql.adaptive.enabled": ("false", "true"),
    "spark.sql.codegen.wholeStage": ("false", "true"), "spark.sql.codegen.factoryMode": ("NO_CODEGEN", "FALLBACK"),
    "spark.eventLog.enabled": ("false", "true"),
}  # fmt: skip
# The first compiles little, and would leave 48 MB for what is compiled: a server of many sessions ran out of it.
JAVA_OPTIONS = ("-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m", "-XX:+UseParallelGC")
# Java matches a repeated group by recursion: some 1,700 blanks in a row, as a description may have, end the process with the default of 1 MB.
STACK = "-Xss64m"


def local(folder, memory="2g", cores=1, choose=lambda pair: pair[0]):
    """The settings of a local session, as a dictionary. folder: where its tables and its catalog stand.  memory: of the driver.  cores: it uses.

    The catalog is a Derby database of the folder, so that the next build finds the tables of this one.
    choose: called with a pair (for few rows, for millions), gives one of them, or Jinja that does.
    """
    return REQUIRED | LOCAL | {name: choose(pair) for name, pair in BY_SIZE.items()} | {
        "spark.master": f"local[{cores}]", "spark.driver.memory": memory, "spark.sql.warehouse.dir": f"{folder}/tables",
        "spark.eventLog.dir": f"{folder}/events",
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder}/catalog;create=true",
        "spark.driver.extraJavaOptions": f"{choose(JAVA_OPTIONS)} {STACK} -Dderby.stream.error.file={folder}/derby.log",
    }  # fmt: skip


def of_a_cluster():
    """The required settings as a client asks a cluster for them when it connects, as a dictionary.

    A Thrift server of Apache Spark takes what has the prefix, and says nothing of the rest; others take the plain names.
    """
    return REQUIRED | {f"set:hiveconf:{name}": value for name, value in REQUIRED.items()}


def with_java(environ):
    """The variables of a process that starts Spark: with JAVA_HOME, the caller's own or Debian's Java 17. environ: those of this process."""
    found = sorted(glob.glob("/usr/lib/jvm/java-17-openjdk-*"))
    return ({"JAVA_HOME": found[0]} if found else {}) | environ
