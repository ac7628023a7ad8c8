//! `--sku SKU [--price MONEY]` and `--line "NAME=MONEY"`: their order counts, so they are read together.

use std::str::FromStr;

use bespeak_api::request::OfferedItem;
use bespeak_api::said::{Amount, Said};
use bespeak_api::words::{Money, Sku, Title};
use clap::error::{Error, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};

/// What is offered, in the order in which it was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Items(pub(crate) Vec<OfferedItem>);

/// Something with its price: `Refurbished frame=80EUR`.
#[derive(Clone, Debug)]
struct Named {
    name: Title,
    price: Money,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, price) =
            text.rsplit_once('=').ok_or_else(|| "write a name and a price: 'Frame=80EUR'".to_owned())?;
        let name = name.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { name, price: price.parse().map_err(|error| format!("{error}"))? })
    }
}

impl Args for Items {
    fn augment_args(command: Command) -> Command {
        let sku = Arg::new("sku").long("sku").value_name("SKU").value_parser(value_parser!(Sku));
        let price = Arg::new("price").long("price").value_name("MONEY").value_parser(value_parser!(Money));
        let line = Arg::new("line").long("line").value_name("NAME=MONEY").value_parser(value_parser!(Named));
        command
            .arg(
                sku.action(ArgAction::Append)
                    .required_unless_present("line")
                    .help("Goods of the catalogue; repeat for more"),
            )
            .arg(
                price
                    .action(ArgAction::Append)
                    .requires("sku")
                    .help("The price of one of the --sku before it [default: the catalogue's]"),
            )
            .arg(
                line.action(ArgAction::Append).help("Something else, with the price of one; repeat for more"),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Items {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut items: Vec<(usize, OfferedItem)> = Vec::new();
        for (place, sku) in placed::<Sku>(matches, "sku") {
            items.push((place, OfferedItem { sku: Some(Said(sku)), ..OfferedItem::default() }));
        }
        for (place, named) in placed::<Named>(matches, "line") {
            let (name, price) = (Some(Said(named.name)), Some(Amount(named.price)));
            items.push((place, OfferedItem { sku: None, name, price }));
        }
        items.sort_by_key(|(place, _)| *place);
        for (place, price) in placed::<Money>(matches, "price") {
            let before = items.iter_mut().rev().find(|(other, _)| *other < place).map(|(_, item)| item);
            match before {
                Some(item) if item.price.is_none() => item.price = Some(Amount(price)),
                _ => {
                    return Err(Error::raw(
                        ErrorKind::ValueValidation,
                        "write each --price after its --sku\n",
                    ));
                }
            }
        }
        Ok(Self(items.into_iter().map(|(_, item)| item).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The values of an argument, each with its place on the command line.
fn placed<T: Clone + Send + Sync + 'static>(matches: &ArgMatches, id: &str) -> Vec<(usize, T)> {
    let places = matches.indices_of(id).into_iter().flatten();
    let values = matches.get_many::<T>(id).into_iter().flatten().cloned();
    places.zip(values).collect()
}
