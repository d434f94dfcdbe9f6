//! Wrong device authorization responses (RFC 8628 §3.2). Wrong values of a member are [`crate::Fault::Member`], wrong answers to a poll
//! [`crate::Fault::Refusal`] at the token endpoint.

/// What is wrong with a device authorization response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceTwist {
    /// This member is missing: `interval`, which is legal, or one of those that are not (DEV-02, DEV-07).
    Without(&'static str),
    /// The device code is the user code too, so that whoever reads the screen can poll (DEV-08).
    DeviceCodeIsUserCode,
    /// The device code stands in the address with the code in it (DEV-08).
    DeviceCodeInAddress,
}

impl DeviceTwist {
    /// Every twist once, with an example where one takes a value.
    #[must_use]
    pub fn all() -> Vec<Self> {
        vec![
            Self::Without("interval"),
            Self::DeviceCodeIsUserCode,
            Self::DeviceCodeInAddress,
        ]
    }
}
