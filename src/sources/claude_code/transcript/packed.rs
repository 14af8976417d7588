//! How numbers and raw text of a transcript are kept: in one piece, because element by element takes ten times as long.

/// Hashes, eight bytes each: as numbers most would take ten.
pub(super) mod hashes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<'a, C, S>(hashes: &'a C, serializer: S) -> Result<S::Ok, S::Error>
    where
        &'a C: IntoIterator<Item = &'a u64>,
        S: Serializer,
    {
        let bytes: Vec<u8> = hashes.into_iter().flat_map(|hash| hash.to_le_bytes()).collect();
        serializer.serialize_bytes(&bytes)
    }

    pub(in super::super) fn deserialize<'de, C, D>(deserializer: D) -> Result<C, D::Error>
    where
        C: FromIterator<u64>,
        D: Deserializer<'de>,
    {
        let (hashes, _) = <&[u8]>::deserialize(deserializer)?.as_chunks::<8>();
        Ok(hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect())
    }
}

/// Hashes of 48 bits, six bytes each.
pub(super) mod short_hashes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        hashes: &[u64],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let short = |hash: &u64| hash.to_le_bytes().into_iter().take(6);
        serializer.serialize_bytes(&hashes.iter().flat_map(short).collect::<Vec<u8>>())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u64>, D::Error> {
        let (hashes, _) = <&[u8]>::deserialize(deserializer)?.as_chunks::<6>();
        Ok(hashes
            .iter()
            .map(|[a, b, c, d, e, f]| u64::from_le_bytes([*a, *b, *c, *d, *e, *f, 0, 0]))
            .collect())
    }
}

/// Raw text.
pub(super) mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        <&[u8]>::deserialize(deserializer).map(<[u8]>::to_vec)
    }
}
