//! What DingTalk sends to a robot.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::incoming::{AnswerTo, Incoming, Malformed, Said, at, id, text, words};

/// How long a `sessionWebhook` is believed to be good at the most, whatever its body says.
const ANSWERABLE_MAX: SignedDuration = SignedDuration::from_hours(2);

/// A message. `signed` is the timestamp of its signature, `now` when it came.
///
/// # Errors
/// It does not look like one.
pub fn message(body: &[u8], signed: i64, now: Timestamp) -> Result<Incoming, Malformed> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Malformed::Encoding("JSON"))?;
    // Only an organisation's own people have a staff id; `senderId` is another one in every conversation.
    let user = id(at(&body, "/senderStaffId", "senderStaffId")?, "senderStaffId")?;
    let until =
        body["sessionWebhookExpiredTime"].as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    let until = until.ok_or(Malformed::Field("sessionWebhookExpiredTime"))?;
    let latest =
        now.checked_add(ANSWERABLE_MAX).map_err(|_| Malformed::Field("sessionWebhookExpiredTime"))?;
    let url = text(at(&body, "/sessionWebhook", "sessionWebhook")?, "sessionWebhook")?;
    let said = match at(&body, "/msgtype", "msgtype")? {
        "text" => words(at(&body, "/text/content", "text.content")?, "text.content")?,
        // A picture is no command; the answer is the help.
        _ => String::new(),
    };
    Ok(Incoming {
        once: format!("signed/{signed}"),
        message: id(at(&body, "/msgId", "msgId")?, "msgId")?,
        user,
        conversation: id(at(&body, "/conversationId", "conversationId")?, "conversationId")?,
        said: Said::Text(said),
        answer: AnswerTo::Webhook {
            url: url.try_into().map_err(|_| Malformed::Field("sessionWebhook"))?,
            until: until.min(latest),
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Value {
        json!({
            "msgtype": "text", "text": { "content": " status alice" }, "senderStaffId": "manager01",
            "senderId": "$:LWCP_v1:$x", "conversationId": "cid1", "msgId": "msg1",
            "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=s",
            "sessionWebhookExpiredTime": 5_400_000,
        })
    }

    fn read(body: &Value) -> Result<Incoming, Malformed> {
        message(body.to_string().as_bytes(), 17, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_message_is_read_and_is_one_thing_by_its_signature() {
        let read = read(&body()).unwrap();
        assert_eq!((read.once.as_str(), read.message.as_str()), ("signed/17", "msg1"));
        assert_eq!((read.user.as_str(), read.said), ("manager01", Said::Text(" status alice".into())));
    }

    #[test]
    fn an_address_that_claims_to_last_for_ever_does_not() {
        let mut long = body();
        long["sessionWebhookExpiredTime"] = json!(99_999_999_999_999_i64);
        let AnswerTo::Webhook { until, .. } = read(&long).unwrap().answer else { panic!("an address") };
        assert_eq!(until, Timestamp::UNIX_EPOCH + ANSWERABLE_MAX);
    }

    #[test]
    fn what_lacks_a_field_or_has_another_type_there_is_no_message() {
        for field in body().as_object().unwrap().keys().filter(|field| *field != "senderId") {
            for value in [Value::Null, json!(""), json!({}), json!("x".repeat(5000))] {
                let mut odd = body();
                odd[field] = value;
                let kept = field == "msgtype" && odd[field].is_string();
                assert_eq!(read(&odd).is_ok(), kept, "{odd}");
            }
        }
        for bad in [&b""[..], b"{", b"[]", b"\xff", b"null"] {
            assert!(message(bad, 1, Timestamp::UNIX_EPOCH).is_err());
        }
    }
}
