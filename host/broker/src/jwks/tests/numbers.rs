//! Which numbers make a key, and which signatures it then verifies.

use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaSigningAlgorithm,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding,
};

use super::*;

fn is_usable(key: Json) -> bool {
    !set(&[key]).is_empty()
}

/// A number of so many bytes, with these first and this last.
fn number(first: &[u8], bytes: usize, last: u8) -> Vec<u8> {
    let mut number = vec![0; bytes];
    number[..first.len()].copy_from_slice(first);
    number[bytes - 1] = last;
    number
}

#[test]
fn an_rsa_key_has_2048_to_8192_bits_and_odd_numbers_without_leading_zeros() {
    let usual = [1, 0, 1];
    for (n, e, expected) in [
        (number(&[0x80], 256, 1), &usual[..], true),
        (number(&[0x7f], 256, 1), &usual, false),
        (number(&[0xff], 1_024, 1), &usual, true),
        (number(&[0x01], 1_025, 1), &usual, false),
        (number(&[0x00, 0x80], 257, 1), &usual, false),
        (number(&[0x80], 256, 2), &usual, false),
        (number(&[0x80], 256, 1), &[3], true),
        (number(&[0x80], 256, 1), &[0xff; 4], true),
        (number(&[0x80], 256, 1), &[], false),
        (number(&[0x80], 256, 1), &[1], false),
        (number(&[0x80], 256, 1), &[2], false),
        (number(&[0x80], 256, 1), &[0, 3], false),
        (number(&[0x80], 256, 1), &[1, 0, 0, 0, 1], false),
    ] {
        let key = json!({"kty": "RSA", "n": b64(&n), "e": b64(e)});
        assert_eq!(is_usable(key), expected, "{} bytes, {e:?}", n.len());
    }
}

#[test]
fn a_key_with_the_fingerprint_of_the_broken_generator_is_no_key() {
    // 65537 to the power of 128, which has 2049 bits.
    let mut little_endian = vec![0_u8; 257];
    little_endian[0] = 1;
    for _ in 0..128 {
        let mut carry = 0;
        for byte in &mut little_endian {
            carry += u32::from(*byte) * 65_537;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
    }
    let mut weak = little_endian;
    weak.reverse();
    assert_eq!(weak[0], 1);
    let key = |n: &[u8]| json!({"kty": "RSA", "n": b64(n), "e": "AQAB"});
    assert!(!is_usable(key(&weak)));
    let mut neighbour = weak;
    neighbour[256] ^= 2;
    assert!(is_usable(key(&neighbour)));
}

#[test]
fn a_coordinate_has_the_length_of_its_curve() {
    let (_, ec) = p256();
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(ec[name].as_str().unwrap()).unwrap();
    let (x, y) = (bytes("x"), bytes("y"));
    let key = |x: &[u8], y: &[u8]| json!({"kty": "EC", "crv": "P-256", "x": b64(x), "y": b64(y)});
    assert!(is_usable(key(&x, &y)));
    assert!(!is_usable(key(&x, &y[..31])) && !is_usable(key(&x[..31], &y)));
    // The same point, cut elsewhere.
    let point = [x, y].concat();
    for cut in [31, 33] {
        assert!(!is_usable(key(&point[..cut], &point[cut..])), "{cut}");
    }
}

#[test]
fn each_curve_verifies_the_signatures_of_its_own_algorithm_alone() {
    let random = SystemRandom::new();
    let curves: [(&str, Algorithm, &'static EcdsaSigningAlgorithm); 3] = [
        ("P-256", Algorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("P-384", Algorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
        ("P-521", Algorithm::Es512, &ECDSA_P521_SHA512_FIXED_SIGNING),
    ];
    for (curve, own, signing) in curves {
        let pair = EcdsaKeyPair::generate(signing).unwrap();
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let keys = set(&[json!({"kty": "EC", "crv": curve, "x": b64(x), "y": b64(y)})]);
        let key = keys.choose(own, None).unwrap();
        let signature = pair.sign(&random, b"m").unwrap();
        for algorithm in Algorithm::ALL {
            let verifies = key.verifies(algorithm, b"m", signature.as_ref());
            assert_eq!(key.fits(algorithm), algorithm == own, "{curve} {algorithm}");
            assert_eq!(verifies, algorithm == own, "{curve} {algorithm}");
        }
    }
}

#[test]
fn an_rsa_key_verifies_a_signature_under_the_algorithm_that_made_it_alone() {
    let random = SystemRandom::new();
    let (pair, jwk) = rsa();
    let keys = set(&[jwk]);
    let key = keys.choose(Algorithm::Rs256, None).unwrap();
    let made: [(Algorithm, &'static dyn RsaEncoding); 6] = [
        (Algorithm::Rs256, &RSA_PKCS1_SHA256),
        (Algorithm::Rs384, &RSA_PKCS1_SHA384),
        (Algorithm::Rs512, &RSA_PKCS1_SHA512),
        (Algorithm::Ps256, &RSA_PSS_SHA256),
        (Algorithm::Ps384, &RSA_PSS_SHA384),
        (Algorithm::Ps512, &RSA_PSS_SHA512),
    ];
    for (own, encoding) in made {
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &random, b"m", &mut signature).unwrap();
        for algorithm in Algorithm::ALL {
            let verifies = key.verifies(algorithm, b"m", &signature);
            assert_eq!(verifies, algorithm == own, "{own} {algorithm}");
        }
    }
}
