//! Whether a program is static (System V ABI, ELF-64: program headers).

/// The segment that names the dynamic loader, `PT_INTERP`.
const INTERPRETER: u32 = 3;

/// Whether a program asks for a dynamic loader, and so for the libraries of the machine it runs on. What is no 64-bit
/// little-endian ELF file asks for none.
pub fn needs_libraries(program: &[u8]) -> bool {
    segments(program).is_some_and(|mut kinds| kinds.any(|kind| kind == INTERPRETER))
}

fn segments(program: &[u8]) -> Option<impl Iterator<Item = u32>> {
    if program.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let offset = usize::try_from(u64::from_le_bytes(program.get(32..40)?.try_into().ok()?)).ok()?;
    let size = usize::from(u16::from_le_bytes(program.get(54..56)?.try_into().ok()?));
    let count = usize::from(u16::from_le_bytes(program.get(56..58)?.try_into().ok()?));
    Some((0..count).filter_map(move |number| {
        let at = offset.checked_add(number.checked_mul(size)?)?;
        Some(u32::from_le_bytes(program.get(at..at.checked_add(4)?)?.try_into().ok()?))
    }))
}
