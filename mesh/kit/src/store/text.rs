//! Searching in texts, the same way on all three databases.

use sea_orm::sea_query::LikeExpr;

/// A pattern that matches what contains `text` as it stands, in upper or lower case, in a column that
/// holds its own text in lower case.
pub fn containing(text: &str) -> LikeExpr {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    LikeExpr::new(pattern).escape('!')
}
