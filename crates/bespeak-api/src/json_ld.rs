//! A receipt in the words of schema.org, for other programs of its owner. It is a view: what counts are the
//! signed bytes.

use bespeak_agent::view::{OfferLineView, ReceiptView};
use bespeak_model::money::Money;
use serde_json::{Value, json};

/// The receipt as a schema.org `Invoice` that is paid.
pub(crate) fn receipt(view: &ReceiptView) -> Value {
    let customer = json!({ "@type": "Person", "@id": view.customer });
    let provider = json!({
        "@type": "Organization",
        "@id": view.vendor.party,
        "name": view.vendor.name,
    });
    json!({
        "@context": "https://schema.org",
        "@type": "Invoice",
        "identifier": view.receipt,
        "paymentStatus": "https://schema.org/PaymentComplete",
        "customer": customer,
        "provider": provider,
        "totalPaymentDue": {
            "@type": "MonetaryAmount",
            "value": decimal(view.total.amount(), view.total),
            "currency": view.total.currency(),
        },
        "referencesOrder": {
            "@type": "Order",
            "orderNumber": view.order,
            "orderStatus": "https://schema.org/OrderDelivered",
            "acceptedOffer": view.lines.iter().map(|line| offer(line, view.total)).collect::<Vec<_>>(),
        },
        "dateCreated": view.issued_at,
    })
}

fn offer(line: &OfferLineView, total: Money) -> Value {
    json!({
        "@type": "Offer",
        "itemOffered": { "@type": "Product", "name": line.name, "sku": line.sku },
        "eligibleQuantity": { "@type": "QuantitativeValue", "description": line.quantity_text },
        "price": decimal(line.amount, total),
        "priceCurrency": total.currency(),
    })
}

/// Minor units as a decimal number in text, as schema.org writes prices: `19.99`.
fn decimal(amount: i64, like: Money) -> String {
    let money = Money::new(amount, like.currency()).unwrap_or(Money::zero(like.currency()));
    let text = money.to_string();
    text.split_once(' ').map_or(text.as_str(), |(number, _)| number).to_owned()
}
