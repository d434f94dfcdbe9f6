//! The fingerprint of RSA keys whose primes come from a well-known broken generator (CVE-2017-15361, "ROCA"). Their private key can be
//! computed from the public one, so that a signature of theirs proves nothing.

/// The primes on which the generator leaves its mark. Alone among keys made otherwise, about one in 2^27 has it by chance.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// The generator's primes are products of powers of this number, modulo every prime of the list.
const GENERATOR: u32 = 65_537;

/// Whether a modulus, in big-endian bytes, has the fingerprint: modulo each prime it is a power of the generator.
pub(super) fn is_weak(modulus: &[u8]) -> bool {
    PRIMES
        .iter()
        .all(|prime| is_power_of_generator(remainder(modulus, *prime), *prime))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number
        .iter()
        .fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}

fn is_power_of_generator(number: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 0..prime {
        if power == number {
            return true;
        }
        power = power * GENERATOR % prime;
    }
    false
}
