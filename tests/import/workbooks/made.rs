//! Workbooks as Excel and LibreOffice write them, of the XML that a test gives.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A zip archive of these parts.
pub fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).expect("memory");
        archive.write_all(text.as_bytes()).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}

/// As Excel writes it, of sheets with their names and rows (in its XML).
pub fn xlsx(sheets: &[(&str, &str)]) -> Vec<u8> {
    let namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let mut names = String::new();
    let mut targets = String::new();
    let mut parts = Vec::new();
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let number = index + 1;
        names += &format!(r#"<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>"#);
        targets += &format!(
            r#"<Relationship Id="rId{number}" Type="{relations}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        );
        let sheet = format!(r#"<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>"#);
        parts.push((format!("xl/worksheets/sheet{number}.xml"), sheet));
    }
    let styles = format!(
        r#"<styleSheet xmlns="{namespace}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#
    );
    let strings =
        format!(r#"<sst xmlns="{namespace}"><si><t>id</t></si><si><t>name</t></si><si><t>price</t></si></sst>"#);
    parts.push(("xl/styles.xml".to_owned(), styles));
    parts.push(("xl/sharedStrings.xml".to_owned(), strings));
    targets += &format!(r#"<Relationship Id="rIdA" Type="{relations}/styles" Target="styles.xml"/>"#);
    targets += &format!(r#"<Relationship Id="rIdB" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>"#);
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(r#"<Relationships xmlns="{package}">{targets}</Relationships>"#),
    ));
    let main = format!(r#"<Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/>"#);
    parts.push(("_rels/.rels".to_owned(), format!(r#"<Relationships xmlns="{package}">{main}</Relationships>"#)));
    let book = format!(r#"<workbook xmlns="{namespace}" xmlns:r="{relations}"><sheets>{names}</sheets></workbook>"#);
    parts.push(("xl/workbook.xml".to_owned(), book));
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    archive(&parts)
}

/// As LibreOffice writes it, of a sheet's rows (in its XML).
pub fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">\
         <office:body><office:spreadsheet><table:table table:name=\"Preise\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        (
            "META-INF/manifest.xml",
            "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>",
        ),
        ("content.xml", &content),
    ])
}
