//! Views in the words of schema.org, for an owner's other programs. What counts are the signed bytes.

use bespeak_agent::view::{IntentionView, OfferView, OrderView, PartyView, ReceiptView};
use bespeak_model::{money::Money, offer::Sku};
use serde_json::{Value, json};

/// Whose words these are.
pub const CONTEXT: &str = "https://schema.org";

/// A document of its own: the view with its context.
pub fn alone(mut view: Value) -> Value {
    view["@context"] = json!(CONTEXT);
    view
}

/// An intention as a `Demand`.
pub fn intention(view: &IntentionView) -> Value {
    let lines = view.lines.iter().map(|line| good(&line.name, &line.quantity));
    let mut demand = json!({
        "@type": "Demand",
        "identifier": view.intention,
        "name": view.title,
        "category": view.category,
        "includesObject": lines.collect::<Vec<_>>(),
        "validFrom": view.cast_at,
        "validThrough": view.expires_at,
        "disambiguatingDescription": view.state,
    });
    if let Some(text) = &view.text {
        demand["description"] = json!(text);
    }
    let ends = view.budget.iter().flat_map(|budget| [("minPrice", budget.min()), ("maxPrice", budget.max())]);
    for (word, end) in ends {
        let Some(&end) = end else { continue };
        demand["priceSpecification"]["@type"] = json!("PriceSpecification");
        demand["priceSpecification"][word] = json!(decimal(end.amount(), end));
        demand["priceSpecification"]["priceCurrency"] = json!(end.currency());
    }
    demand
}

/// An offer as an `Offer`.
pub fn offer(view: &OfferView) -> Value {
    json!({
        "@type": "Offer",
        "identifier": view.offer,
        "seller": party(&view.vendor),
        "price": decimal(view.total.amount(), view.total),
        "priceCurrency": view.total.currency(),
        "validThrough": view.valid_until,
        "includesObject": view.lines.iter().map(|line| good(&line.name, &line.quantity_text)).collect::<Vec<_>>(),
        "disambiguatingDescription": view.state,
    })
}

/// An order as an `Order`.
pub fn order(view: &OrderView) -> Value {
    let lines = view
        .lines
        .iter()
        .map(|line| line_offer(&line.name, line.sku.as_ref(), &line.quantity_text, line.amount, view.total));
    // A vendor's name is known, a customer's is not: so the other side is one or the other.
    let other = if view.with.name.is_empty() { "customer" } else { "seller" };
    let mut order = json!({
        "@type": "Order",
        "orderNumber": view.order,
        "orderStatus": format!("{CONTEXT}/{}", order_status(&view.phase)),
        "acceptedOffer": lines.collect::<Vec<_>>(),
        "partOfInvoice": { "@type": "Invoice", "totalPaymentDue": money(view.total) },
        "description": view.display,
    });
    order[other] = party(&view.with);
    if let Some(first) = view.log.first() {
        order["orderDate"] = json!(first.at);
    }
    if let Some(receipt) = &view.receipt {
        order["partOfInvoice"]["identifier"] = json!(receipt);
    }
    order
}

/// The nearest of schema.org's states.
fn order_status(phase: &str) -> &'static str {
    match phase {
        "completed" => "OrderDelivered",
        "cancelled" | "rejected" => "OrderCancelled",
        _ => "OrderProcessing",
    }
}

/// A receipt as an `Invoice` that is paid.
pub fn receipt(view: &ReceiptView) -> Value {
    let customer = json!({ "@type": "Person", "@id": view.customer });
    let lines = view
        .lines
        .iter()
        .map(|line| line_offer(&line.name, line.sku.as_ref(), &line.quantity_text, line.amount, view.total));
    json!({
        "@type": "Invoice",
        "identifier": view.receipt,
        "paymentStatus": "https://schema.org/PaymentComplete",
        "customer": customer,
        "provider": party(&view.vendor),
        "totalPaymentDue": money(view.total),
        "referencesOrder": {
            "@type": "Order",
            "orderNumber": view.order,
            "orderStatus": "https://schema.org/OrderDelivered",
            "acceptedOffer": lines.collect::<Vec<_>>(),
        },
        "dateCreated": view.issued_at,
    })
}

fn party(view: &PartyView) -> Value {
    if view.name.is_empty() {
        return json!({ "@type": "Person", "@id": view.party });
    }
    json!({ "@type": "Organization", "@id": view.party, "name": view.name })
}

fn good(name: &str, quantity: &str) -> Value {
    json!({
        "@type": "TypeAndQuantityNode",
        "typeOfGood": { "@type": "Product", "name": name },
        "description": quantity,
    })
}

fn money(total: Money) -> Value {
    json!({
        "@type": "MonetaryAmount",
        "value": decimal(total.amount(), total),
        "currency": total.currency(),
    })
}

fn line_offer(name: &str, sku: Option<&Sku>, quantity: &str, amount: i64, total: Money) -> Value {
    json!({
        "@type": "Offer",
        "itemOffered": { "@type": "Product", "name": name, "sku": sku },
        "eligibleQuantity": { "@type": "QuantitativeValue", "description": quantity },
        "price": decimal(amount, total),
        "priceCurrency": total.currency(),
    })
}

/// Minor units as a decimal number in text, as schema.org writes prices: `19.99`.
pub(crate) fn decimal(amount: i64, like: Money) -> String {
    let money = Money::new(amount, like.currency()).unwrap_or(Money::zero(like.currency()));
    let text = money.to_string();
    text.split_once(' ').map_or(text.as_str(), |(number, _)| number).to_owned()
}
