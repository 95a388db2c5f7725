//! The older signature of RPC calls, HMAC-SHA1 among the parameters (alibabacloud-openapi-util 0.2.4,
//! `get_rpcsignature`): of the query and of the form in the body.

use super::{Algorithm, Claim, Denied, canonical_query, encode};
use crate::moment::rfc3339;
use crate::service::Request;

pub(super) fn read(request: &Request) -> Result<Claim, Denied> {
    let mut params = request.query.clone();
    params.extend(request.form());
    let get = |name: &str| params.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone());
    let need = |name: &str| get(name).ok_or_else(|| Denied::Incomplete(name.to_owned()));
    let Some(key_id) = get("AccessKeyId") else { return Err(Denied::Unsigned) };
    let method = need("SignatureMethod")?;
    if method != "HMAC-SHA1" {
        return Err(Denied::Method(method));
    }
    let date = rfc3339(&need("Timestamp")?);
    let (nonce, signature, token) = (need("SignatureNonce")?, need("Signature")?, get("SecurityToken"));
    params.retain(|(name, _)| name != "Signature");
    Ok(Claim {
        key_id,
        token,
        nonce: Some(nonce),
        date: date.ok_or_else(|| Denied::Incomplete("Timestamp".to_owned()))?,
        algorithm: Algorithm::Sha1Ampersand,
        strings_to_sign: vec![format!("{}&%2F&{}", request.method, encode(&canonical_query(&params)))],
        signature,
    })
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{request, signatures};
    use super::*;

    const SIGNATURE: &str = "H3sVTZTUr3RNjo/FIE8ttiLGqAc=";

    /// Made by running alibabacloud-openapi-util 0.2.4.
    #[test]
    fn parameters_in_the_query() {
        let uri = "/?Action=ListUsersInRecycleBin&Format=json&Version=2019-08-15&Timestamp=2026-01-02T03%3A04%3A05Z\
                   &SignatureNonce=n1&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=YourAccessKeyId\
                   &Filter=UserPrincipalName%20eq%20alice%2Bx%40example.onaliyun.com&MaxItems=100&Signature=x";
        let claim = read(&request("POST", uri, &[], "")).expect("a claim");
        assert_eq!(signatures(&claim, "YourAccessKeySecret"), [SIGNATURE]);
    }

    #[test]
    fn the_same_parameters_partly_in_a_form_have_the_same_signature() {
        let uri = "/?Action=ListUsersInRecycleBin&Format=json&Version=2019-08-15&Timestamp=2026-01-02T03%3A04%3A05Z\
                   &SignatureNonce=n1&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&AccessKeyId=YourAccessKeyId\
                   &Signature=x";
        let form = "Filter=UserPrincipalName+eq+alice%2Bx%40example.onaliyun.com&MaxItems=100";
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let claim = read(&request("POST", uri, &headers, form)).expect("a claim");
        assert_eq!(signatures(&claim, "YourAccessKeySecret"), [SIGNATURE]);
    }

    #[test]
    fn without_a_key_the_call_is_unsigned() {
        assert_eq!(
            read(&request("POST", "/?Action=ListUsers", &[], "")).expect_err("denied"),
            Denied::Unsigned
        );
    }
}
