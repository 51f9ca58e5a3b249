//! Where the program reads a multipart body in another way than the other parsers, on purpose.

/// A vector, the other parser, what is read here, and what there.
type Row = [&'static str; 4];

/// Why, and the vectors where it shows.
pub const DIFFERENCES: &[(&str, &[Row])] = &[
    (
        "A body that ends before its closing boundary was cut off on its way.",
        &[
            ["a body that ends in a header", "python-multipart", "refused", "[id=A002]"],
            ["a closing boundary with one hyphen", "python-multipart", "refused", "[]"],
            ["a closing boundary without its hyphens", "python-multipart", "refused", "[id=A002]"],
            ["no closing boundary", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 2", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 3", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 4", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 5", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 6", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 7", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 8", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 9", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 10", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 11", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 12", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 13", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 14", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 15", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 16", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 17", "python-multipart", "refused", "[]"],
            ["test_decoder_data_start_with_different_newline_positions 18", "python-multipart", "refused", "[]"],
            ["test_end_of_file", "python-multipart", "refused", "[]"],
            ["test_failures 2", "python-multipart", "refused", "[]"],
            ["test_multipart_max_form_memory_size", "python-multipart", "refused", "[]"],
        ],
    ),
    (
        "Lines end in CRLF (RFC 2046, section 5.1.1): who takes other ends sees other parts than who does not.",
        &[
            ["a boundary after LF", "Werkzeug", "refused", "[id=A002]"],
            ["a boundary after LF", "python-multipart", "refused", "[]"],
            ["a boundary before LF", "Werkzeug", "refused", "[id=A002]"],
            ["lines that end in CR", "Werkzeug", "refused", "[id=A002]"],
            ["lines that end in LF", "Werkzeug", "refused", "[id=A002]"],
            [
                "test_ie7_unc_path",
                "Werkzeug",
                "refused",
                "[file-form-submit-flag=submitted] [categoryId=2] [title=2010] [description=Minutes from the 2010 Town council] [submit=Submit]",
            ],
            ["test_nonstandard_line_endings", "Werkzeug", "refused", "[foo=this is just bar] [bar=blafasel]"],
            ["test_nonstandard_line_endings 2", "Werkzeug", "refused", "[foo=this is just bar] [bar=blafasel]"],
        ],
    ),
    (
        "No line starts with the boundary but a delimiter (RFC 2046, section 5.1.1).",
        &[
            ["a boundary and more in a value", "Werkzeug", "refused", "[id=A\\r\\n--BC\\r\\n] [id=A002]"],
            ["a boundary and more in a value", "python-multipart", "refused", "[id=A\\r\\n--BC\\r\\n] [id=A002]"],
            ["a preamble with a longer boundary", "Werkzeug", "refused", "[id=A002]"],
            [
                "almost_match_boundary_without_CR.http",
                "Werkzeug",
                "refused",
                "[field=QQQQQQQQQQQQQQQQQQQQ\\r\\n----boundaryQQQQQQQQQQQQQQQQQQQQ]",
            ],
            [
                "almost_match_boundary_without_CR.http",
                "python-multipart",
                "refused",
                "[field=QQQQQQQQQQQQQQQQQQQQ\\r\\n----boundaryQQQQQQQQQQQQQQQQQQQQ]",
            ],
            [
                "almost_match_boundary_without_LF.http",
                "python-multipart",
                "refused",
                "[field=QQQQQQQQQQQQQQQQQQQQ\\r\\n----boundary\\rQQQQQQQQQQQQQQQQQQQQ]",
            ],
            [
                "almost_match_boundary_without_final_hyphen.http",
                "Werkzeug",
                "refused",
                "[field=QQQQQQQQQQQQQQQQQQQQ\\r\\n----boundary-QQQQQQQQQQQQQQQQQQQQ]",
            ],
            [
                "almost_match_boundary_without_final_hyphen.http",
                "python-multipart",
                "refused",
                "[field=QQQQQQQQQQQQQQQQQQQQ\\r\\n----boundary-QQQQQQQQQQQQQQQQQQQQ]",
            ],
        ],
    ),
    (
        "All clients send an empty line between headers and boundary. What follows without it would be lost.",
        &[
            ["a part without a body", "Werkzeug", "refused", "[a=] [id=A002]"],
            [
                "a part without a body",
                "python-multipart",
                "refused",
                "[a=--B\\r\\nContent-Disposition: form-data; name=\\\"id\\\"\\r\\n\\r\\nA002]",
            ],
            ["test_empty_field", "Werkzeug", "refused", "[text=Some Text] [empty=]"],
            ["test_empty_field", "python-multipart", "refused", "[text=Some Text]"],
        ],
    ),
    (
        "Content-Transfer-Encoding is deprecated (RFC 7578, section 4.7), and browsers encode nothing.",
        &[
            ["base64", "python-multipart", "[a=dmFsdWU=] [id=A002]", "[a=value] [id=A002]"],
            ["base64_encoding_whitespace.http", "python-multipart", "[a=aGVsbG8=] [b=aGVsbG8=]", "[a=hello] [b=hello]"],
            [
                "mixed_case_headers.http",
                "python-multipart",
                "[field1=VGVzdCAxMjM=] [field2=VGVzdCAxMjM=] [Field3=VGVzdCAxMjM=]",
                "[field1=Test 123] [field2=Test 123] [Field3=Test 123]",
            ],
            [
                "mixed_plain_and_base64_encoding.http",
                "python-multipart",
                "[field1=VGVzdCAxMjM=] [field2=This is a test.] [field3=VGVzdCBzdHJpbmcuCg==] [field4=This is also a test.]",
                "[field1=Test 123] [field2=This is a test.] [field3=Test string.\\n] [field4=This is also a test.]",
            ],
            ["quoted-printable", "python-multipart", "[a=v=61lue] [id=A002]", "[a=value] [id=A002]"],
        ],
    ),
    ("No body is an empty form, whatever its type says.", &[["nothing", "Werkzeug", "[]", "refused"]]),
    (
        "A value is in the charset that its part names, as the Encoding Standard reads it.",
        &[["a charset of ISO 8859-1", "python-multipart", "[a=é] [id=A002]", "[a=�] [id=A002]"]],
    ),
    (
        "Names are in UTF-8; what is not becomes U+FFFD and refuses nothing.",
        &[
            ["a file name in ISO 8859-1", "Werkzeug", "[id=A002]", "refused"],
            ["a name in ISO 8859-1", "Werkzeug", "[�=value] [id=A002]", "refused"],
            ["non_ascii_whitespace_before_filename.http", "Werkzeug", "[a=first] [b=second]", "refused"],
        ],
    ),
    (
        "Names are as browsers send them: nothing in them is decoded but an escaped quote.",
        &[
            [
                "Node.js",
                "Werkzeug",
                "[id=A002] [name=é中 \\r\\n--] [a%22b=] [é=1]",
                "[id=A002] [name=é中 \\r\\n--] [a\\\"b=] [é=1]",
            ],
            ["a backslash in a name", "Werkzeug", "[a\\\\b=value] [id=A002]", "[ab=value] [id=A002]"],
            ["a file name that ends in a backslash", "Werkzeug", "[id=A002]", "[a=value] [id=A002]"],
            ["a name that ends in a backslash", "Werkzeug", "[a\\\\=value] [id=A002]", "[(none)=value] [id=A002]"],
            [
                "a name that ends in two backslashes",
                "Werkzeug",
                "[a\\\\\\\\=value] [id=A002]",
                "[a\\\\=value] [id=A002]",
            ],
            [
                "a name that ends in two backslashes",
                "python-multipart",
                "[a\\\\\\\\=value] [id=A002]",
                "[a\\\\=value] [id=A002]",
            ],
            ["a quote in a name, percent-encoded", "Werkzeug", "[a%22b=value] [id=A002]", "[a\\\"b=value] [id=A002]"],
            [
                "curl",
                "Werkzeug",
                "[id=A002] [name=é中 \\r\\n--] [a%22b=] [é=1]",
                "[id=A002] [name=é中 \\r\\n--] [a\\\"b=] [é=1]",
            ],
            [
                "requests",
                "Werkzeug",
                "[id=A002] [name=é中 \\r\\n--] [a%22b=] [é=1]",
                "[id=A002] [name=é中 \\r\\n--] [a\\\"b=] [é=1]",
            ],
            ["two backslashes in a name", "Werkzeug", "[a\\\\\\\\b=value] [id=A002]", "[a\\\\b=value] [id=A002]"],
            [
                "two backslashes in a name",
                "python-multipart",
                "[a\\\\\\\\b=value] [id=A002]",
                "[a\\\\b=value] [id=A002]",
            ],
        ],
    ),
    (
        "`name*` is not for forms (RFC 7578, section 4.2); what has a `filename*` is a file nevertheless.",
        &[
            ["Python, urllib3 1.24", "python-multipart", "[id=A002]", "[id=A002] [a=value]"],
            ["a file name as RFC 5987 has it", "python-multipart", "[id=A002]", "[a=value] [id=A002]"],
            ["a name as RFC 5987 has it", "Werkzeug", "refused", "[a=value] [id=A002]"],
        ],
    ),
    (
        "A part has a name (RFC 7578, section 4.2).",
        &[
            ["CR_in_header_value.http", "Werkzeug", "refused", "[(none)=This is a test.]"],
            ["a header without a colon", "Werkzeug", "refused", "[(none)=value] [id=A002]"],
            ["a name without its closing quote", "Werkzeug", "refused", "[(none)=value] [id=A002]"],
            ["a name without its closing quote", "python-multipart", "refused", "[\\\"a=value] [id=A002]"],
            ["a part without headers", "Werkzeug", "refused", "[id=A002]"],
            ["line ends in a name, raw", "Werkzeug", "refused", "[(none)=value] [id=A002]"],
            ["test_bad_content_disposition", "Werkzeug", "refused", "[(none)=Test]"],
        ],
    ),
    (
        "A header is one line, and its name ends at the colon (RFC 9112, section 5).",
        &[
            ["a folded header", "Werkzeug", "refused", "[a=value] [id=A002]"],
            ["test_file_rfc2231_filename_continuations", "Werkzeug", "refused", "[]"],
            ["white space before a colon", "Werkzeug", "refused", "[a=value] [id=A002]"],
        ],
    ),
    (
        "No client sends anything twice here: of two parameters the first counts, of two headers the last.",
        &[
            ["a disposition twice", "Werkzeug", "[b=value] [id=A002]", "[a=value] [id=A002]"],
            ["two boundaries", "Werkzeug", "[id=A002]", "refused"],
            ["two boundaries", "python-multipart", "[id=A002]", "refused"],
            ["two names", "Werkzeug", "[a=value] [id=A002]", "[b=value] [id=A002]"],
            ["two names", "python-multipart", "[a=value] [id=A002]", "[b=value] [id=A002]"],
        ],
    ),
    (
        "RFC 2046 has preambles, white space after a boundary, and no limit of 8 headers or 4 KB.",
        &[
            ["31 headers more", "python-multipart", "[a=value] [id=A002]", "refused"],
            ["a header of 100 KB", "python-multipart", "[a=value] [id=A002]", "refused"],
            ["a name of 100 KB", "python-multipart", "100018 bytes", "refused"],
            ["a million semicolons", "python-multipart", "[a=value] [id=A002]", "refused"],
            ["a preamble", "python-multipart", "[id=A002]", "refused"],
            ["a preamble that ends in its line", "python-multipart", "[id=A002]", "refused"],
            ["bad_initial_boundary.http", "python-multipart", "[]", "refused"],
            ["white space after a boundary", "python-multipart", "[id=A002]", "refused"],
        ],
    ),
    (
        "A parameter without quotes ends at a semicolon, white space may stand around it, and a boundary has no backslash.",
        &[
            ["a boundary with an escape", "Werkzeug", "refused", "[id=A002]"],
            ["a colon and an equals sign without quotes", "Werkzeug", "[id=A002]", "refused"],
            ["a comma before the next parameter", "Werkzeug", "refused", "[id=A002]"],
            ["white space around the equals sign", "Werkzeug", "[a=value] [id=A002]", "[(none)=value] [id=A002]"],
        ],
    ),
    (
        "The limits here: a boundary of 1 to 70 characters (RFC 2046), 32 headers, 10,000 names and values.",
        &[
            ["10,001 parts", "Werkzeug", "refused", "100009 bytes"],
            ["10,001 parts", "python-multipart", "refused", "100009 bytes"],
            ["32 headers more", "Werkzeug", "refused", "[a=value] [id=A002]"],
            ["a boundary of 71 characters", "Werkzeug", "refused", "[id=A002]"],
            ["a boundary of 71 characters", "python-multipart", "refused", "[id=A002]"],
            ["an empty boundary", "python-multipart", "refused", "[id=A002]"],
        ],
    ),
];
