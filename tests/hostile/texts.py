"""Texts, numbers and dates that break careless programs, for fields, keys and names of files."""

TEXTS = (
    "O'Brien \"the boss\"", "a line\nbreak", "a carriage\rreturn", "a\ttab", "[brackets]{braces}(parens)", "100% %s %(name)s %n", "a;b,c|d", "'; drop table x; --",
    "{{ 7 * 7 }}", "{% raw %}{{ config(materialized='table') }}", "{# comment", "\" or 1=1 --", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1",
    "=HYPERLINK(\"http://x\",\"y\")", "<script>alert(1)</script>", "../../etc/passwd", "$(id)", "`id`", "${jndi:ldap://x}", "\u202egnp.exe", "\u200bzero\u200dwidth\u2060",
    "é€😀漢字", "\ufeffmark", "NULL", "null", "None", "nan", "true", "  blanks around  ", "x" * 5000, "\\", "\\N", "\\'", "\\\"", "%", "_", "*", "?", "[a-z]",
    "\x01\x02\x1f", "\x7f", "a\u2028b\u0085c", "\uffff", "İSTANBUL", "ß", "ﬁ", "a\\nb", "\\u0000", "C:\\temp\\rest\\new", "{11111111-2222-3333-4444-555555555555}",
)  # fmt: skip

NUMBERS = (
    "NaN", "Infinity", "-inf", "1e9999", "1E+999", "9" * 400, "0x1F", "1_000", "１２", "\u22125", "(5)", "5-", "$5", "1,234.56", "1.234,56", "1 234", "1\u00a0234", "--5",
    "+", ".", "1e", "e5", "1e5e5", "null", "=1+1", "1'000", "99999999999999999999", "-99999999999999999999", "0." + "0" * 200 + "1", "-0", "1e-999", "00012", "5000", "-5000",
    "1000000000000000", "9" * 15, "0.00000000000000000001", "9999999999", "true", "٣",
)  # fmt: skip

DATES = (
    "infinity", "-infinity", "0044-03-15 BC", "9999-12-31", "9999-12-31T23:59:59.9999999Z", "0000-00-00", "0001-01-01", "2026-02-30", "31/7/2026", "2026-13-01", "13/13/2026",
    "today", "now", "epoch", "1/0/1900", "45000", "2026-07-05T00:00:00+99:99", "20260705", "2026-7-5", "1785542400", "2026-07-05T25:00:00Z", "2026-07-05T23:59:60Z",
    "05.07.2026", "Jul 5 2026", "２０２６-０７-０５", "2026-07-05Z'; drop table x; --", "2009-12-31", "2101-01-01", "7/5/26", "2026-07-05T24:00:00Z", "/Date(99999999999999)/",
    "294247-01-10", "2026-07-05 America/New_York",
)  # fmt: skip

FILE_NAMES = (
    "it's.{e}", "a\"quote.{e}", "a\nbreak.{e}", "a\ttab.{e}", "[brackets].{e}", "{{{{ 7 * 7 }}}}.{e}", "{{% raw %}}.{e}", "100%s %d.{e}", "a;b|c&d.{e}", "'; drop table x; --.{e}",
    "=cmd|' C calc'!A0.{e}", "+1+1.{e}", "-rf.{e}", "@SUM(A1).{e}", "$(id).{e}", "`id`.{e}", "\u202egnp.{e}", "\u200b.{e}", "漢字 😀.{e}", "x" * 200 + ".{e}", "back\\slash.{e}",
    "a!b.{e}", "a.zip!b.{e}", "a#2.{e}", " blanks around .{e}", "star*.{e}", "what?.{e}", "two..dots.{e}", "UPPER.{E}", "e\u0301.{e}", "null.{e}", "9999-12-31.{e}", "0000-00-00.{e}",
    "2026-02-30.{e}", "tilde~1.{e}", "<script>.{e}", "a\x01b.{e}", "<a href=x>.{e}",
)  # fmt: skip
