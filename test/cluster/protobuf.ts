/** Messages of protobuf, without their descriptions: fields by number. */

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.from([...bytes, left]);
};

/** A field that is text, bytes or a message. */
export const message = (field: number, content: Buffer | string): Buffer => {
  const bytes = Buffer.from(content);
  return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
};

/** A field that is a whole number, not below zero. */
export const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);

/** The fields of a message that are text, bytes or messages, by number. Throws where it has any other. */
export const readMessage = (bytes: Buffer): ReadonlyMap<number, Buffer> => {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const readVarint = (): number => {
    for (let value = 0, scale = 1; ; scale *= 0x80) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value += (byte % 0x80) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = readVarint();
    if (tag % 8 !== 2) throw new Error(`field ${Math.floor(tag / 8)} has no length`);
    const length = readVarint();
    if (at + length > bytes.length) throw new Error(`field ${Math.floor(tag / 8)} is cut off`);
    fields.set(Math.floor(tag / 8), bytes.subarray(at, at + length));
    at += length;
  }
  return fields;
};
