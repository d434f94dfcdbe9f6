//! RFC 1951 and RFC 1952: a gzip member that grows, written by hand so that the bomb costs us kilobytes.

/// Bytes that one back-reference stands for (RFC 1951 §3.2.5, length code 285).
const RUN: u32 = 258;

/// A gzip stream that inflates to at least `size` zero bytes, at about 158 to 1.
pub(crate) fn zeros(size: u32) -> Vec<u8> {
    let runs = size.div_ceil(RUN);
    let inflated = runs * RUN + 1;

    // Header: deflate, no flags, no time, no hints, unknown system.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits = Bits::default();
    bits.push(&mut out, 0b011, 3); // last block, fixed Huffman codes
    bits.push(&mut out, reversed(0b0011_0000, 8), 8); // literal 0
    for _ in 0..runs {
        bits.push(&mut out, reversed(0b1100_0101, 8), 8); // length 258
        bits.push(&mut out, 0, 5); // distance 1
    }
    bits.push(&mut out, 0, 7); // end of block
    bits.flush(&mut out);

    out.extend_from_slice(&crc_of_zeros(inflated).to_le_bytes());
    out.extend_from_slice(&inflated.to_le_bytes());
    out
}

/// Huffman codes are packed from their most significant bit, everything else from the least (RFC 1951 §3.1.1).
fn reversed(code: u32, width: u32) -> u32 {
    code.reverse_bits() >> (32 - width)
}

#[derive(Default)]
struct Bits {
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, out: &mut Vec<u8>, value: u32, width: u32) {
        self.held |= value << self.count;
        self.count += width;
        while self.count >= 8 {
            out.push(self.held.to_le_bytes()[0]);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(self.held.to_le_bytes()[0]);
        }
    }
}

fn crc_of_zeros(length: u32) -> u32 {
    let table: Vec<u32> = (0..256_u32)
        .map(|byte| {
            (0..8).fold(byte, |crc, _| {
                if crc & 1 == 1 {
                    0xedb8_8320 ^ (crc >> 1)
                } else {
                    crc >> 1
                }
            })
        })
        .collect();
    let step = |crc: u32| {
        table
            .get(usize::from(crc.to_le_bytes()[0]))
            .copied()
            .unwrap_or_default()
            ^ (crc >> 8)
    };
    !(0..length).fold(u32::MAX, |crc, _| step(crc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_four_zeros_is_the_published_one() {
        assert_eq!(crc_of_zeros(4), 0x2144_df1c);
    }

    #[test]
    fn a_bomb_is_small_on_the_wire() {
        assert!(zeros(1_000_000).len() < 8_000);
    }
}
