import encodeQR from 'qr';

/** Light modules around the code, as the standard asks for. */
const MARGIN = 4;

/** A QR code, drawn here: what it holds goes to nobody. Dark on light in both appearances, as readers need it. */
export function QrCode({ text, name }: { text: string; name: string }) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: MARGIN });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg role="img" aria-label={name} viewBox={`0 0 ${rows.length} ${rows.length}`} width="220" height="220">
      <rect width={rows.length} height={rows.length} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}
