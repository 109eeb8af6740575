'use strict';
// Before anything is drawn: the theme that the reader chose, else the system's.
(() => {
  const root = document.documentElement, themes = ['system', 'light', 'dark'];
  const chosen = () => themes.includes(localStorage.getItem('theme')) ? localStorage.getItem('theme') : 'system';
  const show = () => {
    if (chosen() === 'system') delete root.dataset.theme; else root.dataset.theme = chosen();
    const button = document.getElementById('theme');
    if (button) button.textContent = 'Theme: ' + chosen();
    dispatchEvent(new Event('themechange'));
  };
  show();
  addEventListener('DOMContentLoaded', () => {
    show();
    document.getElementById('theme').addEventListener('click', () => {
      localStorage.setItem('theme', themes[(themes.indexOf(chosen()) + 1) % themes.length]);
      show();
    });
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
})();
