// A question with two answers, in the page's own dialog: the browser keeps the focus inside, Escape says no, and the focus returns to where it was.
import { html, render } from './lit-html.js';

const dialog = document.getElementById('question');

// True where the person said yes. What is asked stands in the title; the button says what would be done.
export const confirmed = ({ title, text, act }) => new Promise(done => {
  render(html`<form method="dialog"><h2 id="question-title">${title}</h2><p id="question-text">${text}</p>
    <div class="row end"><button value="no" class="plain" autofocus>Keep it</button><button value="yes" class="danger" id="yes">${act}</button></div></form>`, dialog);
  dialog.returnValue = 'no';
  dialog.addEventListener('close', () => done(dialog.returnValue === 'yes'), { once: true });
  dialog.showModal();
});
