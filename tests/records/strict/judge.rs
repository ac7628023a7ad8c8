//! Whether a value is of a type.

use cbor4ii::core::{Value, dec::Decode, utils::SliceReader};
use regex::Regex;

use super::{Key, Member, Schema, Type, What};

type Answer = Result<(), String>;

fn read(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = SliceReader::new(bytes);
    Value::decode(&mut reader).map_err(|error| error.to_string())
}

impl Schema {
    /// Judges bytes by a rule.
    pub(crate) fn check(&self, rule: &str, bytes: &[u8]) -> Answer {
        self.judge(&Type::Name(rule.to_owned()), &read(bytes)?)
    }

    fn judge(&self, wanted: &Type, value: &Value) -> Answer {
        let holds = match (wanted, value) {
            (Type::Choice(types), _) => return self.choose(types, value),
            (Type::Name(name), _) => return self.named(name, value),
            (Type::Text(text), Value::Text(found)) => text == found,
            (Type::Range(least, most), Value::Integer(number)) => (least..=most).contains(&number),
            (Type::Size(inner, least, most), Value::Text(_) | Value::Bytes(_)) => {
                self.judge(inner, value)?;
                (least..=most).contains(&&length(value))
            }
            (Type::Regexp(pattern), Value::Text(text)) => {
                Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?.is_match(text)
            }
            (Type::Cbor(inner), Value::Bytes(bytes)) => return self.judge(inner, &read(bytes)?),
            (Type::Tag(tag, inner), Value::Tag(found, value)) => {
                self.judge(inner, value)?;
                tag == found
            }
            (Type::Map(members), Value::Map(entries)) => return self.map(members, entries),
            (Type::List(members), Value::Array(items)) => return self.list(members, items),
            _ => false,
        };
        if holds { Ok(()) } else { Err(format!("{wanted:?} was wanted, not {value:?}")) }
    }

    fn choose(&self, types: &[Type], value: &Value) -> Answer {
        let mut why = Vec::new();
        for wanted in types {
            match self.judge(wanted, value) {
                Ok(()) => return Ok(()),
                Err(error) => why.push(error),
            }
        }
        Err(format!("none of: {}", why.join(" | ")))
    }

    fn named(&self, name: &str, value: &Value) -> Answer {
        let holds = match name {
            "text" => matches!(value, Value::Text(_)),
            "bytes" => matches!(value, Value::Bytes(_)),
            "bool" => matches!(value, Value::Bool(_)),
            "uint" => matches!(value, Value::Integer(number) if *number >= 0),
            _ => {
                let rule = self.rules.get(name).unwrap_or_else(|| panic!("the schema has no rule {name}"));
                return self.judge(rule, value).map_err(|why| format!("{name}: {why}"));
            }
        };
        if holds { Ok(()) } else { Err(format!("{name} was wanted, not {value:?}")) }
    }

    fn map(&self, members: &[Member], entries: &[(Value, Value)]) -> Answer {
        let mut open = false;
        let mut named = Vec::new();
        for member in members {
            match &member.what {
                What::Socket => open = self.open,
                What::Bare(_) => return Err("a map has no members without keys".to_owned()),
                What::Keyed(key, wanted) => {
                    named.push(key.clone());
                    match entries.iter().find(|(found, _)| is_key(found, key)) {
                        Some((_, value)) => {
                            self.judge(wanted, value).map_err(|why| format!("{key:?}: {why}"))?
                        }
                        None if member.least == 0 => {}
                        None => return Err(format!("{key:?} is missing")),
                    }
                }
            }
        }
        let strange = entries.iter().find(|(found, _)| !named.iter().any(|key| is_key(found, key)));
        match strange {
            Some((key, _)) if !open || !matches!(key, Value::Text(_)) => Err(format!("{key:?} is not named")),
            _ => Ok(()),
        }
    }

    /// Greedy, without looking back: the schema's lists have at most one member that repeats, and it is the only one.
    fn list(&self, members: &[Member], items: &[Value]) -> Answer {
        let mut rest = items;
        for member in members {
            let What::Bare(wanted) = &member.what else { return Err("a list has no keys".to_owned()) };
            let most = rest.len().min(member.most);
            if most < member.least {
                return Err(format!("{} items are too few", items.len()));
            }
            let (these, after) = rest.split_at(most);
            these.iter().try_for_each(|item| self.judge(wanted, item))?;
            rest = after;
        }
        if rest.is_empty() { Ok(()) } else { Err(format!("{} items are too many", items.len())) }
    }
}

fn is_key(found: &Value, key: &Key) -> bool {
    match (found, key) {
        (Value::Text(found), Key::Text(key)) => found == key,
        (Value::Integer(found), Key::Number(key)) => found == key,
        _ => false,
    }
}

fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        _ => 0,
    }
}
