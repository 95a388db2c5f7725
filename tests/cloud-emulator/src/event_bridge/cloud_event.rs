//! ActionTrail records as CloudEvents (DOC: eventbridge/user-guide/event-overview; the shape is set out in the interface facts).

use jiff::Timestamp;
use serde_json::{Value, json};

/// Wraps a record. None for a read: EventBridge carries only write events (DOC: eventbridge/user-guide/actiontrail-events).
///
/// That IMS records arrive as `acs.ims` is unconfirmed.
pub(crate) fn from_action_trail(
    record: Value,
    account_id: &str,
    region: &str,
    now: Timestamp,
) -> Option<Value> {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    if text("eventRW") != Some("Write") {
        return None;
    }
    let service = text("serviceName")?.to_ascii_lowercase();
    let request = text("requestId").unwrap_or_default();
    Some(json!({
        "specversion": "1.0",
        "id": text("eventId")?,
        "source": format!("acs.{service}"),
        "type": format!("{service}:ActionTrail:{}", text("eventType").unwrap_or("ApiCall")),
        "datacontenttype": "application/json;charset=utf-8",
        "subject": format!("acs:{service}:{region}:{account_id}:{request}"),
        "time": text("eventTime")?,
        "aliyunaccountid": account_id,
        "aliyunoriginalaccountid": account_id,
        "aliyuneventbusname": "default",
        "aliyunregionid": region,
        "aliyunpublishtime": now.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "data": record,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(service: &str, rw: &str) -> Value {
        json!({
            "eventId": "e-1", "eventName": "DeleteUser", "eventRW": rw, "eventType": "ApiCall", "serviceName": service,
            "eventTime": "2026-01-02T03:04:05Z", "requestId": "R-1",
        })
    }

    fn wrap(record: Value) -> Option<Value> {
        let now = "2026-01-02T03:04:07.12Z".parse().expect("a time");
        from_action_trail(record, "1000000000000001", "cn-hangzhou", now)
    }

    #[test]
    fn a_ram_record_is_wrapped_whole() {
        let expected = json!({
            "specversion": "1.0", "id": "e-1", "source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
            "datacontenttype": "application/json;charset=utf-8", "subject": "acs:ram:cn-hangzhou:1000000000000001:R-1",
            "time": "2026-01-02T03:04:05Z", "aliyunaccountid": "1000000000000001",
            "aliyunoriginalaccountid": "1000000000000001", "aliyuneventbusname": "default",
            "aliyunregionid": "cn-hangzhou", "aliyunpublishtime": "2026-01-02T03:04:07.120Z",
            "data": record("Ram", "Write"),
        });
        assert_eq!(wrap(record("Ram", "Write")), Some(expected));
    }

    #[test]
    fn an_ims_record_has_its_own_source() {
        let event = wrap(record("Ims", "Write")).expect("an event");
        assert_eq!(
            (&event["source"], &event["type"]),
            (&json!("acs.ims"), &json!("ims:ActionTrail:ApiCall"))
        );
    }

    #[test]
    fn reads_and_records_without_id_are_not_events() {
        assert_eq!(wrap(record("Ram", "Read")), None);
        assert_eq!(wrap(json!({ "eventRW": "Write", "serviceName": "Ram" })), None);
    }
}
