/** Text within HTML, SVG and XML: its letters, never its markup. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
