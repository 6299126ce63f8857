"""Choose files and folders of this machine by keyboard."""

from tui.widgets.file_picker.picker import FilePicker
from tui.widgets.file_picker.pickers import FilesPicker, FolderPicker, OneFilePicker

__all__ = ["FilePicker", "FilesPicker", "FolderPicker", "OneFilePicker"]
